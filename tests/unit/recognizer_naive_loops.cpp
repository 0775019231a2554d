#include "tests/unit/recognizer_naive_loops.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace inkfield::recognizer::test {
namespace {

Planes convolved(const Planes& in, int outputs, const Window& w) {
  return planes(outputs, (in.height + w.top + w.bottom - w.kernel_y) / w.stride_y + 1,
                (in.width + w.left + w.right - w.kernel_x) / w.stride_x + 1);
}

using Row = std::vector<float>;
using Square = std::vector<Row>;

// One row or column of a tile's inputs.
Row of_input(const Row& d) {
  if (d.size() == 4) return {d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]};
  const float p = 0.625F;
  const float q = 1.5F;
  const float p2 = 0.390625F;
  const float q2 = 2.25F;
  const auto fma = [](float a, float b, float c) { return std::fma(a, b, c); };
  const auto pair = [&](float point, float other_squared, float sign) {
    return fma(sign * point, fma(-other_squared, d[1], d[3]), fma(-other_squared, d[2], d[4]));
  };
  return {fma(p2 * q2, d[0], fma(-p2 - q2, d[2], d[4])),
          pair(p, q2, 1),
          pair(p, q2, -1),
          pair(q, p2, 1),
          pair(q, p2, -1),
          fma(p2 * q2, d[1], fma(-p2 - q2, d[3], d[5]))};
}

// One row or column of a tile's sums.
Row of_sums(const Row& m) {
  if (m.size() == 4) return {m[0] + (m[1] + m[2]), (m[1] - m[2]) - m[3]};
  const float p = 0.625F;
  const float q = 1.5F;
  return {m[0] + ((m[1] + m[2]) + (m[3] + m[4])), std::fma(q, m[3] - m[4], p * (m[1] - m[2])),
          std::fma(q * q, m[3] + m[4], p * p * (m[1] + m[2])),
          std::fma(q * q * q, m[3] - m[4], std::fma(p * p * p, m[1] - m[2], m[5]))};
}

// Columns first, then rows.
template <class Transform>
Square both_ways(const Square& tile, Transform transform) {
  Square half;
  for (std::size_t x = 0; x < tile[0].size(); ++x) {
    Row column;
    for (const auto& row : tile) column.push_back(row[x]);
    const Row transformed = transform(column);
    half.resize(transformed.size());
    for (std::size_t y = 0; y < transformed.size(); ++y) half[y].push_back(transformed[y]);
  }
  for (auto& row : half) row = transform(row);
  return half;
}

// The weights of one pair of channels, in double precision.
Square of_weights(const float* g, int side) {
  std::vector<std::vector<double>> matrix;
  if (side == 2) {
    matrix = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
  } else {
    const double points[] = {0, 0.625, -0.625, 1.5, -1.5};
    for (const double x : points) {
      double distances = 1;
      for (const double other : points) distances *= x == other ? 1 : x - other;
      matrix.push_back({1 / distances, x / distances, x * x / distances});
    }
    matrix.push_back({0, 0, 1});
  }
  Square transformed;
  for (const auto& y : matrix) {
    double half[3];
    for (int x = 0; x < 3; ++x) {
      half[x] = y[0] * static_cast<double>(g[x]) + y[1] * static_cast<double>(g[3 + x]) +
                y[2] * static_cast<double>(g[6 + x]);
    }
    transformed.emplace_back();
    for (const auto& x : matrix) {
      transformed.back().push_back(static_cast<float>(half[0] * x[0] + half[1] * x[1] + half[2] * x[2]));
    }
  }
  return transformed;
}

}  // namespace

Planes planes(int channels, int height, int width) {
  return {channels, height, width, std::vector<float>(static_cast<std::size_t>(channels * height * width))};
}

Planes naive_convolution(const Planes& in, const std::vector<float>& weights, const std::vector<float>& bias,
                         int outputs, const Window& w) {
  Planes out = convolved(in, outputs, w);
  for (int o = 0; o < outputs; ++o) {
    for (int y = 0; y < out.height; ++y) {
      for (int x = 0; x < out.width; ++x) {
        float sum = bias[static_cast<std::size_t>(o)];
        std::size_t at = static_cast<std::size_t>(o * in.channels * w.kernel_y * w.kernel_x);
        for (int c = 0; c < in.channels; ++c) {
          for (int r = 0; r < w.kernel_y; ++r) {
            for (int s = 0; s < w.kernel_x; ++s) {
              sum = std::fma(in.padded(c, y * w.stride_y + r - w.top, x * w.stride_x + s - w.left),
                             weights[at++], sum);
            }
          }
        }
        out.at(o, y, x) = sum;
      }
    }
  }
  return out;
}

std::vector<double> exact_convolution(const Planes& in, const std::vector<float>& weights,
                                      const std::vector<float>& bias, int outputs, const Window& w) {
  const Planes shape = convolved(in, outputs, w);
  std::vector<double> out;
  for (int o = 0; o < outputs; ++o) {
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x) {
        double sum = static_cast<double>(bias[static_cast<std::size_t>(o)]);
        std::size_t at = static_cast<std::size_t>(o * in.channels * w.kernel_y * w.kernel_x);
        for (int c = 0; c < in.channels; ++c) {
          for (int r = 0; r < w.kernel_y; ++r) {
            for (int s = 0; s < w.kernel_x; ++s) {
              sum +=
                  static_cast<double>(in.padded(c, y * w.stride_y + r - w.top, x * w.stride_x + s - w.left)) *
                  static_cast<double>(weights[at++]);
            }
          }
        }
        out.push_back(sum);
      }
    }
  }
  return out;
}

Planes naive_winograd(const Planes& in, const std::vector<float>& weights, const std::vector<float>& bias,
                      int outputs, const Window& w, int side) {
  Planes out = convolved(in, outputs, w);
  const int reach = side + 2;
  std::vector<Square> transformed_weights;
  for (int pair = 0; pair < outputs * in.channels; ++pair) {
    transformed_weights.push_back(of_weights(weights.data() + pair * 9, side));
  }
  for (int top = 0; top < out.height; top += side) {
    for (int left = 0; left < out.width; left += side) {
      std::vector<Square> tiles;
      for (int c = 0; c < in.channels; ++c) {
        Square tile(static_cast<std::size_t>(reach));
        for (int y = 0; y < reach; ++y) {
          for (int x = 0; x < reach; ++x) {
            tile[static_cast<std::size_t>(y)].push_back(in.padded(c, top + y - w.top, left + x - w.left));
          }
        }
        tiles.push_back(both_ways(tile, of_input));
      }
      for (int o = 0; o < outputs; ++o) {
        Square sums(static_cast<std::size_t>(reach), Row(static_cast<std::size_t>(reach), 0.0F));
        for (int c = 0; c < in.channels; ++c) {
          for (std::size_t y = 0; y < sums.size(); ++y) {
            for (std::size_t x = 0; x < sums.size(); ++x) {
              sums[y][x] = std::fma(tiles[static_cast<std::size_t>(c)][y][x],
                                    transformed_weights[static_cast<std::size_t>(o * in.channels + c)][y][x],
                                    sums[y][x]);
            }
          }
        }
        const Square found = both_ways(sums, of_sums);
        for (int y = top; y < std::min(top + side, out.height); ++y) {
          for (int x = left; x < std::min(left + side, out.width); ++x) {
            out.at(o, y, x) = found[static_cast<std::size_t>(y - top)][static_cast<std::size_t>(x - left)] +
                              bias[static_cast<std::size_t>(o)];
          }
        }
      }
    }
  }
  return out;
}

Planes naive_pool(const Planes& in, const Window& w, bool largest, bool count_border) {
  Planes out = convolved(in, in.channels, w);
  for (int c = 0; c < in.channels; ++c) {
    for (int y = 0; y < out.height; ++y) {
      for (int x = 0; x < out.width; ++x) {
        float result = largest ? -std::numeric_limits<float>::infinity() : 0.0F;
        int count = 0;
        for (int r = 0; r < w.kernel_y; ++r) {
          for (int s = 0; s < w.kernel_x; ++s) {
            const int iy = y * w.stride_y + r - w.top;
            const int ix = x * w.stride_x + s - w.left;
            if (iy < 0 || iy >= in.height || ix < 0 || ix >= in.width) continue;
            ++count;
            result = largest ? std::max(result, in.at(c, iy, ix)) : result + in.at(c, iy, ix);
          }
        }
        if (count_border) count = w.kernel_y * w.kernel_x;
        out.at(c, y, x) = largest ? result : result / static_cast<float>(count);
      }
    }
  }
  return out;
}

}  // namespace inkfield::recognizer::test
