// The host's pixels, in any of the layouts of the C ABI, to our gray.
#pragma once

#include <cstdint>

#include "inkfield/inkfield.h"
#include "plugin/page/image_source.h"
#include "plugin/page/raster.h"

namespace inkfield::abi {

/// Checks format, size, stride and the memory behind them, then converts. Colour becomes luminance, alpha is
/// blended over white; gray pixels are borrowed as they are. The channels in `keep` are kept, too, if the
/// image has colour. Throws Error(invalid_argument, limit_exceeded).
page::Page page_from_pixels(const inkfield_image& image, std::int64_t max_pixels, page::ColourPlanes keep = {});

/// The same for a decoded file.
page::GrayImage gray_of(const page::DecodedImage& image);

}  // namespace inkfield::abi
