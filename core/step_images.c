#include "core/step_images.h"

uint32_t hone_step_images(const struct hone_step *step,
                          struct hone_image_record images[HONE_STORE_IMAGES_MAX]) {
    uint32_t count = 0;
    if (step->image)
        images[count++] = (struct hone_image_record){step->image, step->image_bytes, step->listing,
                                                     step->listing_bytes, step->kernels};
    if (step->native_image)
        images[count++] = (struct hone_image_record){step->native_image, step->native_image_bytes,
                                                     step->native_listing,
                                                     step->native_listing_bytes, step->kernels};
    return count;
}
