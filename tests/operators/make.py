#!/usr/bin/env python3
"""Make the files beside this one: what operators must give, by NumPy and SciPy.

A case is a line of a graph, then its arguments and its output, a shape and the values of each:

    y = add(a, b)
    a [2] 1 2.5
    b [2] 3 4
    y [2] 4 6.5

Run it with NumPy and SciPy installed: make.py [FOLDER]. The values were made with NumPy 2.4.6 and SciPy 1.17.1.
Nothing here follows the loops of core/operators: products are einsum, convolutions windows of views,
transposed ones a convolution of the input spread with zeros, sparse matrices SciPy's.
"""
import os
import sys

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage, signal, sparse, special

random = np.random.default_rng(20251120)
files = {}


def draw(*shape, scale=1.0):
    """Multiples of 1/16, so that text is short and exact."""
    return np.round(random.normal(0, scale, shape) * 16) / 16


def whole(low, high, *shape):
    return random.integers(low, high, shape).astype(float)


def case(family, call, result, **arguments):
    lines = ["y = " + call]
    for name, array in [*arguments.items(), ("y", result)]:
        array = np.asarray(array, dtype=float)
        values = " ".join(f"{value:.16g}" for value in array.ravel())
        lines.append(f"{name} [{', '.join(map(str, array.shape))}] {values}".rstrip())
    files.setdefault(family, []).append("\n".join(lines) + "\n")


def elementwise():
    x = np.concatenate([draw(13, scale=2), [0, -40, 40, 25, 1e-3, -6]])
    maps = {
        "relu(x)": np.maximum(x, 0),
        "leaky_relu(x)": np.where(x > 0, x, 0.01 * x),
        "leaky_relu(x, slope=0.2)": np.where(x > 0, x, 0.2 * x),
        "sigmoid(x)": special.expit(x),
        "silu(x)": x * special.expit(x),
        "tanh(x)": np.tanh(x),
        "gelu(x)": x * special.ndtr(x),
        "gelu_tanh(x)": x * special.expit(2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)),
        "elu(x)": np.where(x > 0, x, special.expm1(np.minimum(x, 0))),
        "elu(x, alpha=2, scale=0.5)": 0.5 * np.where(x > 0, x, 2 * special.expm1(np.minimum(x, 0))),
        "selu(x)": 1.0507009873554804934193349852946
        * np.where(x > 0, x, 1.6732632423543772848170429916717 * special.expm1(np.minimum(x, 0))),
        "clamp(x, low=-1)": np.maximum(x, -1),
        "clamp(x, high=0.5)": np.minimum(x, 0.5),
        "clamp(x, low=-1, high=0.5)": np.clip(x, -1, 0.5),
        "hardtanh(x)": np.clip(x, -1, 1),
        "hardtanh(x, low=-2, high=2)": np.clip(x, -2, 2),
        "hardsigmoid(x)": np.clip(x / 6 + 0.5, 0, 1),
        "hardswish(x)": x * np.clip(x / 6 + 0.5, 0, 1),
        "softplus(x)": np.where(x > 20, x, np.logaddexp(x, 0)),  # the threshold
        "softplus(x, beta=2, threshold=30)": np.logaddexp(2 * x, 0) / 2,
        "mish(x)": x * np.tanh(np.logaddexp(x, 0)),
        "softsign(x)": x / (1 + np.abs(x)),
        "exp(x)": np.exp(x),
        "abs(x)": np.abs(x),
        "neg(x)": -x,
        "erf(x)": special.erf(x),
        "sin(x)": np.sin(x),
        "cos(x)": np.cos(x),
        "identity(x)": x,
    }
    for call, result in maps.items():
        case("elementwise", call, result, x=x)
    positive = np.abs(draw(2, 3)) + 0.25
    case("elementwise", "log(x)", np.log(positive), x=positive)
    case("elementwise", "sqrt(x)", np.sqrt(positive), x=positive)
    case("elementwise", "rsqrt(x)", positive**-0.5, x=positive)
    a, b = draw(2, 3, 4), np.abs(draw(3, 1)) + 0.5
    case("elementwise", "add(a, b)", a + b, a=a, b=b)
    case("elementwise", "sub(b, a)", b - a, a=a, b=b)
    case("elementwise", "mul(a, b)", a * b, a=a, b=b)
    case("elementwise", "div(a, b)", a / b, a=a, b=b)
    case("elementwise", "pow(b, a)", np.power(b, a), a=a, b=b)
    case("elementwise", "pow(a, 3)", a**3, a=a)
    case("elementwise", "minimum(a, b)", np.minimum(a, b), a=a, b=b)
    case("elementwise", "maximum(a, b)", np.maximum(a, b), a=a, b=b)
    case("elementwise", "less(a, b)", a < b, a=a, b=b)
    case("elementwise", "equal(a, a)", np.ones(a.shape), a=a)
    case("elementwise", "equal(a, 0.5)", a == 0.5, a=a)
    case("elementwise", "sub(1, a)", 1 - a, a=a)
    case("elementwise", "mul(a, -2.5e-1)", a * -0.25, a=a)
    column, row = draw(4, 1), draw(1, 5)
    case("elementwise", "add(column, row)", column + row, column=column, row=row)
    nothing, some = np.array([0.0, 0.5, 2, 0]), np.array([3.0, 0.25, 4, 0])
    case("elementwise", "xlogy(x, z)", special.xlogy(nothing, some), x=nothing, z=some)
    mask = whole(0, 2, 3, 4)
    case("elementwise", "where(mask, a, b)", np.where(mask, a, b), mask=mask, a=a, b=b)
    case("elementwise", "where(mask, a, -1)", np.where(mask, a, -1), mask=mask, a=a)


def reduce():
    x = draw(2, 3, 4)
    sums = {"sum": np.sum, "mean": np.mean, "prod": np.prod, "max": np.max, "min": np.min,
            "logsumexp": special.logsumexp,
            "norm": lambda x, axis=None, keepdims=False: np.sqrt(np.sum(x * x, axis, keepdims=keepdims))}
    for name, function in sums.items():
        case("reduce", f"{name}(x)", function(x), x=x)
        case("reduce", f"{name}(x, axes=1)", function(x, axis=1), x=x)
        case("reduce", f"{name}(x, axes=[0, -1], keepdims=true)",
             function(x, axis=(0, 2), keepdims=True), x=x)
    case("reduce", "logsumexp(x)", special.logsumexp(1000 * x), x=1000 * x)
    ties = np.array([[3.0, 7, 7, 1], [2, 2, -5, -5]])
    case("reduce", "argmax(x, axis=1)", np.argmax(ties, 1), x=ties)
    case("reduce", "argmin(x, axis=-1)", np.argmin(ties, 1), x=ties)
    case("reduce", "argmax(x, axis=1, keepdims=true)", np.argmax(x, 1, keepdims=True), x=x)
    case("reduce", "argmin(x, axis=0)", np.argmin(x, 0), x=x)
    for axis in (0, 1, -1):
        case("reduce", f"softmax(x, axis={axis})", special.softmax(x, axis), x=x)
    case("reduce", "softmax(x)", special.softmax(300 * x, -1), x=300 * x)
    case("reduce", "log_softmax(x, axis=1)", special.log_softmax(x, 1), x=x)
    case("reduce", "log_softmax(x)", special.log_softmax(300 * x, -1), x=300 * x)
    case("reduce", "cumsum(x)", np.cumsum(x, -1), x=x)
    case("reduce", "cumsum(x, axis=1, reverse=true)", np.cumsum(x[:, ::-1], 1)[:, ::-1], x=x)
    case("reduce", "cumsum(x, axis=0, exclusive=true)", np.cumsum(x, 0) - x, x=x)
    case("reduce", "cumprod(x, axis=1)", np.cumprod(x, 1), x=x)


def layout():
    x = draw(2, 3, 4)
    case("layout", "transpose(x)", x.T, x=x)
    case("layout", "transpose(x, axes=[1, 0, -1])", np.transpose(x, (1, 0, 2)), x=x)
    case("layout", "transpose(x, axes=[2, 0, 1])", np.moveaxis(x, 2, 0), x=x)
    case("layout", "reshape(x, shape=[4, -1])", np.reshape(x, (4, 6)), x=x)
    case("layout", "reshape(x, shape=[24])", x.ravel(), x=x)
    case("layout", "broadcast(x, shape=[2, 3, 5])", np.broadcast_to(x[0, :, :1], (2, 3, 5)),
         x=x[0, :, :1])
    case("layout", "slice(x, axis=1, start=1)", x[:, 1:], x=x)
    case("layout", "slice(x, axis=-1, start=-3, end=-1)", x[..., -3:-1], x=x)
    case("layout", "slice(x, axis=2, start=1, end=100, step=2)", x[..., 1::2], x=x)
    case("layout", "pad(x, axis=1, before=1, after=2, value=7)",
         np.pad(x, ((0, 0), (1, 2), (0, 0)), constant_values=7), x=x)
    case("layout", "flip(x, axis=1)", np.flip(x, 1), x=x)
    other = draw(2, 1, 4)
    case("layout", "concat(x, other, x, axis=1)", np.concatenate([x, other, x], 1), x=x, other=other)
    square = draw(2, 4, 5)
    case("layout", "tril(x)", np.tril(square), x=square)
    case("layout", "triu(x, diagonal=1)", np.triu(square, 1), x=square)
    case("layout", "tril(x, diagonal=-2)", np.tril(square, -2), x=square)
    index = whole(0, 5, 2, 3)
    table = draw(5, 3)
    case("layout", "embedding(table, index)", table[index.astype(int)], table=table, index=index)
    pick = whole(0, 3, 2, 2, 4)
    case("layout", "gather(x, pick, axis=1)", np.take_along_axis(x, pick.astype(int), 1), x=x,
         pick=pick)


def matmul():
    a, b, bias = draw(5, 7), draw(7, 6), draw(6)
    case("matmul", "matmul(a, b)", np.einsum("ij,jk->ik", a, b), a=a, b=b)
    case("matmul", "matmul(a, b, transpose_b=true)", np.einsum("ij,jk->ik", a, b), a=a, b=b.T)
    case("matmul", "matmul(a, b, transpose_a=true)", np.einsum("ij,jk->ik", a, b), a=a.T, b=b)
    case("matmul", "matmul(a, b, transpose_a=true, transpose_b=true)",
         np.einsum("ij,jk->ik", a, b), a=a.T, b=b.T)
    left, right = draw(2, 1, 3, 4), draw(3, 4, 2)
    case("matmul", "matmul(a, b)", np.einsum("nxij,yjk->nyik", left, right), a=left, b=right)
    case("matmul", "matmul(a, b)", np.einsum("ij,njk->nik", right[0], draw_last := draw(3, 2, 4)),
         a=right[0], b=draw_last)
    case("matmul", "linear(a, b)", a @ b, a=a, b=b.T)
    case("matmul", "linear(a, b, bias)", a @ b + bias, a=a, b=b.T, bias=bias)
    deep = draw(2, 2, 7)
    case("matmul", "linear(a, b, bias)", np.einsum("xyi,ij->xyj", deep, b) + bias, a=deep, b=b.T,
         bias=bias)


def entries(value, rank):
    return (value,) * rank if np.isscalar(value) else tuple(value)


def windows(x, taps, stride, dilation):
    """x [n, c, ...] -> [n, c, places..., taps...]."""
    rank = len(taps)
    spans = [d * (t - 1) + 1 for t, d in zip(taps, dilation)]
    seen = sliding_window_view(x, spans, axis=tuple(range(2, 2 + rank)))
    steps = [slice(None, None, s) for s in stride] + [slice(None, None, d) for d in dilation]
    return seen[(slice(None), slice(None), *steps)]


def convolve(x, weight, stride, padding, dilation, groups):
    rank = x.ndim - 2
    x = np.pad(x, [(0, 0), (0, 0)] + [(p, p) for p in padding])
    parts = []
    for own, taps in zip(np.split(x, groups, 1), np.split(weight, groups, 0)):
        seen = windows(own, taps.shape[2:], stride, dilation)
        axes = list(range(2 + rank, 2 + 2 * rank))
        part = np.tensordot(seen, taps, ([1, *axes], [1, *range(2, 2 + rank)]))
        parts.append(np.moveaxis(part, -1, 1))
    return np.concatenate(parts, 1)


def transposed(x, weight, stride, padding, dilation, groups, extra):
    """A convolution of the input spread with zeros, with the kernel turned around."""
    rank = x.ndim - 2
    wide = np.zeros(x.shape[:2] + tuple((e - 1) * s + 1 for e, s in zip(x.shape[2:], stride)))
    wide[(slice(None), slice(None), *[slice(None, None, s) for s in stride])] = x
    spans = [d * (t - 1) for t, d in zip(weight.shape[2:], dilation)]
    wide = np.pad(wide, [(0, 0), (0, 0)] + [(s, s + e) for s, e in zip(spans, extra)])
    turned = np.flip(weight, tuple(range(2, 2 + rank)))
    turned = np.concatenate([np.swapaxes(w, 0, 1) for w in np.split(turned, groups, 0)], 0)
    full = convolve(wide, turned, (1,) * rank, (0,) * rank, dilation, groups)
    ends = [slice(p, e - p if p else None) for p, e in zip(padding, full.shape[2:])]
    return full[(slice(None), slice(None), *ends)]


def convolution():
    cases = [  # rank, x, weight, attributes
        (1, (2, 2, 9), (3, 2, 3), {}),
        (1, (1, 2, 12), (2, 2, 3), {"stride": 3, "dilation": 4}),
        (2, (1, 2, 5, 6), (3, 2, 3, 3), {"padding": 1}),
        (2, (2, 4, 5, 5), (4, 1, 3, 2), {"groups": 4, "stride": 2}),
        (2, (1, 4, 7, 6), (6, 2, 3, 3), {"groups": 2, "padding": [2, 1], "dilation": [2, 1]}),
        (2, (1, 3, 6, 7), (2, 3, 1, 1), {"stride": [2, 3]}),
        (2, (1, 1, 3, 4), (1, 1, 3, 5), {"padding": [4, 7], "stride": [3, 2]}),
        (3, (1, 2, 4, 5, 4), (2, 2, 2, 3, 2), {"padding": [1, 0, 1]}),
        (3, (1, 2, 4, 4, 5), (2, 1, 3, 3, 2), {"groups": 2, "stride": [1, 2, 1]}),
    ]
    for rank, x, weight, attributes in cases:
        x, weight, bias = draw(*x), draw(*weight), draw(weight[0])
        given = {key: entries(attributes.get(key, fallback), rank)
                 for key, fallback in [("stride", 1), ("padding", 0), ("dilation", 1)]}
        y = convolve(x, weight, groups=attributes.get("groups", 1), **given)
        text = "".join(f", {key}={value}" for key, value in attributes.items())
        case("convolution", f"conv{rank}d(x, weight{text})", y, x=x, weight=weight)
        shape = (-1,) + (1,) * rank
        case("convolution", f"conv{rank}d(x, weight, bias{text})", y + bias.reshape(shape), x=x,
             weight=weight, bias=bias)
    cases = [
        (1, (1, 2, 5), (2, 3, 3), {"stride": 2, "padding": 1, "dilation": 2}),
        (1, (2, 2, 4), (2, 2, 5), {}),
        (2, (1, 2, 3, 4), (2, 3, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
        (2, (1, 4, 3, 3), (4, 2, 3, 2), {"groups": 2, "stride": [2, 3], "padding": [1, 0]}),
        (2, (1, 2, 3, 4), (2, 2, 3, 5), {"dilation": [2, 1], "padding": [1, 2]}),
        (3, (1, 2, 2, 3, 2), (2, 2, 3, 2, 3), {"stride": 2, "padding": 1, "output_padding": [1, 0, 1]}),
        (3, (1, 4, 2, 2, 3), (4, 1, 2, 3, 2), {"groups": 4}),
    ]
    for rank, x, weight, attributes in cases:
        groups = attributes.get("groups", 1)
        x, weight, bias = draw(*x), draw(*weight), draw(weight[1] * groups)
        given = {key: entries(attributes.get(key, fallback), rank)
                 for key, fallback in [("stride", 1), ("padding", 0), ("dilation", 1)]}
        y = transposed(x, weight, groups=groups,
                       extra=entries(attributes.get("output_padding", 0), rank), **given)
        text = "".join(f", {key}={value}" for key, value in attributes.items())
        y = y + bias.reshape((-1,) + (1,) * rank)
        case("convolution", f"conv_transpose{rank}d(x, weight, bias{text})", y, x=x, weight=weight,
             bias=bias)


def pool():
    cases = [
        (1, (2, 9), {"size": 3}), (1, (1, 2, 9), {"size": 4, "stride": 1, "padding": 2}),
        (2, (1, 2, 6, 7), {"size": 2}), (2, (2, 7, 8), {"size": [3, 2], "stride": [2, 1], "padding": [1, 0]}),
        (3, (1, 5, 4, 6), {"size": 2}), (3, (2, 5, 5, 5), {"size": 3, "stride": 2, "padding": 1}),
    ]
    for rank, shape, attributes in cases:
        for kind in ("max", "avg"):
            for dilation in (1, 2) if kind == "max" and shape[-1] > 6 else (1,):
                x = draw(*shape)
                size = entries(attributes["size"], rank)
                stride = entries(attributes.get("stride", attributes["size"]), rank)
                padding = entries(attributes.get("padding", 0), rank)
                wide = np.pad(x.reshape((1, -1) + shape[len(shape) - rank:]),
                              [(0, 0), (0, 0)] + [(p, p) for p in padding],
                              constant_values=-np.inf if kind == "max" else 0)
                seen = windows(wide, size, stride, (dilation,) * rank)
                axes = tuple(range(2 + rank, 2 + 2 * rank))
                y = seen.max(axes) if kind == "max" else seen.mean(axes)
                given = {**attributes, **({"dilation": dilation} if dilation > 1 else {})}
                text = "".join(f", {key}={value}" for key, value in given.items())
                case("pool", f"{kind}_pool{rank}d(x{text})",
                     y.reshape(shape[:len(shape) - rank] + y.shape[2:]), x=x)


def norm():
    def standard(x, axes, eps=1e-5):
        return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)

    x, weight, bias = draw(3, 4, 2, 3) + 2, draw(4), draw(4)
    each = (slice(None), None, None)
    flat = draw(5, 4)
    case("norm", "batch_norm(x)", standard(x, (0, 2, 3)), x=x)
    case("norm", "batch_norm(x, weight, bias)",
         standard(x, (0, 2, 3)) * weight[each] + bias[each], x=x, weight=weight, bias=bias)
    case("norm", "batch_norm(x, weight, bias, eps=0.5)", standard(flat, 0, 0.5) * weight + bias,
         x=flat, weight=weight, bias=bias)
    case("norm", "instance_norm(x)", standard(x, (2, 3)), x=x)
    case("norm", "instance_norm(x, weight)", standard(x, (2, 3)) * weight[each], x=x, weight=weight)
    grouped = standard(x.reshape(3, 2, -1), 2).reshape(x.shape)
    case("norm", "group_norm(x, groups=2)", grouped, x=x)
    case("norm", "group_norm(x, weight, bias, groups=2, eps=1e-5)",
         grouped * weight[each] + bias[each], x=x, weight=weight, bias=bias)
    case("norm", "group_norm(x, weight, bias, groups=2)",
         standard(flat.reshape(5, 2, 2), 2).reshape(5, 4) * weight + bias, x=flat, weight=weight,
         bias=bias)
    case("norm", "layer_norm(x, weight, bias)", standard(flat, 1) * weight + bias, x=flat,
         weight=weight, bias=bias)
    wide, shift = draw(4, 2, 3), draw(4, 2, 3)
    case("norm", "layer_norm(x, weight, bias, dims=3)", standard(x, (1, 2, 3)) * wide + shift, x=x,
         weight=wide, bias=shift)
    case("norm", "layer_norm(x, dims=2, eps=1e-3)", standard(x, (2, 3), 1e-3), x=x)
    scale = 1 / np.sqrt(np.mean(flat**2, 1, keepdims=True) + 1e-6)
    case("norm", "rmsnorm(x, weight, eps=1e-6)", flat * scale * weight, x=flat, weight=weight)
    case("norm", "rmsnorm(x, eps=1e-6)", flat * scale, x=flat)


def attention():
    t, heads, d = 4, 2, 6
    x, position = draw(t, heads, d), np.array([0.0, 1, 5, 1000])
    angle = np.outer(position, 10000.0 ** (-2 * np.arange(d // 2) / d))
    turned = (x[..., :3] + 1j * x[..., 3:]) * np.exp(1j * angle)[:, None]
    case("attention", "rope(x, position, base=10000)",
         np.concatenate([turned.real, turned.imag], -1), x=x, position=position)

    def attend(q, k, v, mask=None, scale=None):
        k, v = (np.repeat(a, q.shape[1] // a.shape[1], 1) for a in (k, v))
        score = np.einsum("bhid,bhjd->bhij", q, k) * (scale or q.shape[-1] ** -0.5)
        if mask is not None:
            score = np.where(mask, score, -np.inf)
        return np.einsum("bhij,bhjd->bhid", special.softmax(score, -1), v)

    q, k, v = draw(2, 4, 3, 5), draw(2, 2, 6, 5), draw(2, 2, 6, 5)
    case("attention", "attention(q, k, v)", attend(q, k, v), q=q, k=k, v=v)
    case("attention", "attention(q, k, v, causal=true, scale=0.75)",
         attend(q, k, v, np.tril(np.ones((3, 6)), 3) > 0, 0.75), q=q, k=k, v=v)
    k, v = k[:, :, :3], v[:, :, :3]
    case("attention", "attention(q, k, v, causal=true)",
         attend(q, k, v, np.tril(np.ones((3, 3))) > 0), q=q, k=k, v=v)
    q, keys, values = draw(3, 4, 4), draw(7, 2, 2, 4), draw(7, 2, 2, 4)
    table = np.array([[3.0, 1, 5], [6, 0, 0], [2, 4, 0]])
    length = np.array([5.0, 1, 4])
    out = []
    for i in range(3):
        pages = table[i].astype(int)
        k, v = (a[pages].reshape(6, 2, 4)[: int(length[i])] for a in (keys, values))
        out.append(attend(q[i][None, :, None], np.moveaxis(k, 1, 0)[None],
                          np.moveaxis(v, 1, 0)[None])[0, :, 0])
    case("attention", "attention_paged(q, keys, values, table, length)", np.array(out), q=q,
         keys=keys, values=values, table=table, length=length)


def sparse_rows():
    index, v = whole(0, 4, 9), draw(9, 3)
    case("sparse", "segment_sum(index, v, segments=5)",
         np.eye(5)[index.astype(int)].T @ v, index=index, v=v)
    dense = draw(6, 5) * (random.random((6, 5)) < 0.4)
    dense[2] = 0
    rows = sparse.csr_matrix(dense)
    parts = {"row_ptr": rows.indptr, "col": rows.indices, "val": rows.data}
    x, wide = draw(5), draw(5, 3)
    case("sparse", "spmv_csr(row_ptr, col, val, x)", dense @ x, **parts, x=x)
    case("sparse", "spmm_csr(row_ptr, col, val, x)", dense @ wide, **parts, x=wide)
    weight, scale = whole(0, 256, 3, 4), draw(3, 2)
    nibbles = np.stack([weight % 16, weight // 16], -1).reshape(3, 8) - 8
    case("sparse", "dequantize_w4(weight, scale, group=4)", nibbles * np.repeat(scale, 4, 1),
         weight=weight, scale=scale)


def science():
    for shape in [(3, 8), (1, 1), (2, 16)]:
        x = draw(*shape, 2)
        y = np.fft.fft(x[..., 0] + 1j * x[..., 1])
        case("science", "fft(x)", np.stack([y.real, y.imag], -1), x=x)
    u = draw(5, 6)
    for steps in (0, 1, 4):
        y = u.copy()
        for _ in range(steps):
            y[1:-1, 1:-1] = signal.convolve2d(y, ndimage.generate_binary_structure(2, 1) / 5, "valid")
        case("science", f"jacobi2d(u, steps={steps})", y, u=u)
    bodies = draw(6, 4)
    away = bodies[None, :, :3] - bodies[:, None, :3]
    pull = bodies[None, :, 3] / (np.sum(away**2, -1) + 0.25) ** 1.5
    case("science", "nbody(bodies, eps=0.5)", np.einsum("ij,ijk->ik", pull, away), bodies=bodies)


def loss():
    x, target = special.log_softmax(draw(5, 4), 1), whole(0, 4, 5)
    x = np.round(x * 64) / 64
    case("loss", "nll_loss(x, target)", -np.mean(x[np.arange(5), target.astype(int)]), x=x,
         target=target)
    a, b = draw(3, 4), draw(3, 4)
    for beta in (1.0, 0.25):
        case("loss", f"smooth_l1(a, b, beta={beta})",
             np.mean(special.huber(beta, a - b)) / beta, a=a, b=b)


for make in (elementwise, reduce, layout, matmul, convolution, pool, norm, attention, sparse_rows,
             science, loss):
    make()
folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
for family, cases in files.items():
    with open(os.path.join(folder, family + ".txt"), "w") as out:
        out.write("\n".join(cases))
