/* step_images.h - what a step's compilers made, as the run store takes it. Any thread. */
#ifndef HONE_CORE_STEP_IMAGES_H
#define HONE_CORE_STEP_IMAGES_H

#include "core/step.h"
#include "core/store.h"

/* How many there are. They live as long as the step. */
uint32_t hone_step_images(const struct hone_step *step,
                          struct hone_image_record images[HONE_STORE_IMAGES_MAX]);

#endif
