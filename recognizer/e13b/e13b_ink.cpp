#include "recognizer/e13b/e13b_ink.h"

#include <algorithm>
#include <cmath>

namespace inkfield::recognizer {

E13bInk sample_ink(const ImageView& ink, double left, double top, double px, int width, int height) {
  E13bInk out{
      width, height,
      std::vector<std::int16_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0)};
  const int samples = std::max(1, static_cast<int>(std::ceil(px)));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      int sum = 0;
      for (int j = 0; j < samples; ++j) {
        // Bilinear, in 256ths of a pixel.
        const double fy = (top + (y + (j + 0.5) / samples) * px - 0.5) * 256;
        const int iy = static_cast<int>(std::floor(fy));
        const int y0 = iy >> 8;
        const int wy = iy & 255;
        if (y0 < -1 || y0 >= ink.height_px) continue;
        for (int i = 0; i < samples; ++i) {
          const int ix = static_cast<int>(std::floor((left + (x + (i + 0.5) / samples) * px - 0.5) * 256));
          const int x0 = ix >> 8;
          const int wx = ix & 255;
          if (x0 < -1 || x0 >= ink.width_px) continue;
          const auto value = [&](int xx, int yy) {
            return xx < 0 || yy < 0 || xx >= ink.width_px || yy >= ink.height_px
                       ? 0
                       : static_cast<int>(ink.at(xx, yy));
          };
          const int above = value(x0, y0) * (256 - wx) + value(x0 + 1, y0) * wx;
          const int below = value(x0, y0 + 1) * (256 - wx) + value(x0 + 1, y0 + 1) * wx;
          sum += (above * (256 - wy) + below * wy + 32768) >> 16;
        }
      }
      out.values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                 static_cast<std::size_t>(x)] = static_cast<std::int16_t>(sum / (samples * samples));
    }
  }
  return out;
}

E13bInk halved(const E13bInk& fine) {
  E13bInk coarse{fine.width_px / 2, fine.height_px / 2, {}};
  for (int y = 0; y < coarse.height_px; ++y) {
    const std::int16_t* const a = fine.row(2 * y);
    const std::int16_t* const b = fine.row(2 * y + 1);
    for (int x = 0; x < coarse.width_px; ++x) {
      coarse.values.push_back(
          static_cast<std::int16_t>((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) / 4));
    }
  }
  return coarse;
}

}  // namespace inkfield::recognizer
