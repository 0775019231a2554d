// The kernels for processors with AVX2; compiled without FMA, see kernels.h.
#include "recognizer/engine/kernels.h"

#define INKFIELD_VECTOR_FLOATS 8
#define INKFIELD_TILE_PIXELS 6
#include "recognizer/engine/kernels_body.h"

namespace inkfield::recognizer {

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels = {"avx2", convolve, pool<true>, pool<false>, add, scale_shift, rectify};

}  // namespace inkfield::recognizer
