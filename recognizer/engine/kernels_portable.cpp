// The kernels for any processor; four floats wide, which every 64-bit x86 and ARM has.
#include "recognizer/engine/kernels.h"

#define INKFIELD_VECTOR_FLOATS 4
#define INKFIELD_TILE_PIXELS 3
#include "recognizer/engine/kernels_body.h"

namespace inkfield::recognizer {

extern const Kernels kPortableKernels;
const Kernels kPortableKernels = {"portable", convolve, pool<true>, pool<false>, add, scale_shift, rectify};

}  // namespace inkfield::recognizer
