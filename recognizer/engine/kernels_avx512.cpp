// The kernels for processors with AVX-512F; compiled without FMA, see kernels.h.
#include "recognizer/engine/kernels.h"

#define INKFIELD_VECTOR_FLOATS 16
#define INKFIELD_TILE_PIXELS 8
#include "recognizer/engine/kernels_body.h"

namespace inkfield::recognizer {

extern const Kernels kAvx512Kernels;
const Kernels kAvx512Kernels = {"avx512", convolve, pool<true>, pool<false>, add, scale_shift, rectify};

}  // namespace inkfield::recognizer
