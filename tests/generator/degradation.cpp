#include "tests/generator/degradation.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace inkfield::generator {
namespace {

std::uint8_t level(double value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0) + 0.5); }

/// One pass of a moving mean over `count` samples that lie `step` bytes apart.
void smooth_run(std::uint8_t* samples, int count, std::ptrdiff_t step, int radius, std::vector<std::uint8_t>& copy) {
  copy.resize(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    copy[static_cast<std::size_t>(i)] = samples[i * step];
  }
  const int span = 2 * radius + 1;
  const auto at = [&](int i) { return static_cast<int>(copy[static_cast<std::size_t>(std::clamp(i, 0, count - 1))]); };
  int sum = 0;
  for (int i = -radius; i <= radius; ++i) {
    sum += at(i);
  }
  for (int i = 0; i < count; ++i) {
    samples[i * step] = static_cast<std::uint8_t>((sum + radius) / span);
    sum += at(i + radius + 1) - at(i - radius);
  }
}

/// Mixes each sample with the mean of its 3 x 3 neighbours; deviations under one pixel cannot be had from box filters.
void soften(Picture& picture, double share) {
  Picture once = picture;
  std::vector<std::uint8_t> copy;
  for (int channel = 0; channel < picture.channels; ++channel) {
    for (int y = 0; y < picture.height_px; ++y) {
      smooth_run(once.row(y) + channel, picture.width_px, picture.channels, 1, copy);
    }
    for (int x = 0; x < picture.width_px; ++x) {
      smooth_run(once.samples.data() + static_cast<std::ptrdiff_t>(x) * picture.channels + channel, picture.height_px,
                 static_cast<std::ptrdiff_t>(picture.row_bytes()), 1, copy);
    }
  }
  for (std::size_t i = 0; i < picture.samples.size(); ++i) {
    picture.samples[i] = level(picture.samples[i] * (1 - share) + once.samples[i] * share);
  }
}

}  // namespace

int paper_level(const Picture& picture) {
  std::vector<std::size_t> counts(256);
  for (const std::uint8_t sample : picture.samples) {
    ++counts[sample];
  }
  std::size_t below = 0;
  int value = 0;
  while (value < 255 && (below += counts[static_cast<std::size_t>(value)]) < picture.samples.size() * 9 / 10) {
    ++value;
  }
  return value;
}

void to_gray(Picture& picture) {
  if (picture.channels == 1) {
    return;
  }
  std::vector<std::uint8_t> gray(picture.samples.size() / 3);
  for (std::size_t i = 0; i < gray.size(); ++i) {
    const std::uint8_t* rgb = &picture.samples[3 * i];
    gray[i] = static_cast<std::uint8_t>((rgb[0] * 77 + rgb[1] * 150 + rgb[2] * 29 + 128) / 256);
  }
  picture.samples = std::move(gray);
  picture.channels = 1;
}

void to_bilevel(Picture& picture, int threshold) {
  to_gray(picture);
  for (std::uint8_t& sample : picture.samples) {
    sample = sample < threshold ? 0 : 255;
  }
  picture.bilevel = true;
}

void blur(Picture& picture, double deviation_px) {
  // A 3 x 3 mean has a variance of 2/3 along each axis.
  double variance = deviation_px * deviation_px;
  while (variance > 0.01) {
    soften(picture, std::min(1.0, variance * 1.5));
    variance -= 2.0 / 3;
  }
}

void add_noise(Picture& picture, double deviation, Random& random) {
  // A table of one run of noise, entered at random places: as good to the eye, and cheap on 35 million pixels.
  std::vector<int> table(65536);
  for (int& value : table) {
    value = static_cast<int>(std::floor(random.normal(0, deviation) + 0.5));
  }
  for (int y = 0; y < picture.height_px; ++y) {
    std::uint8_t* row = picture.row(y);
    auto place = static_cast<std::size_t>(random.bits() & 0xFFFFU);
    for (std::size_t i = 0; i < picture.row_bytes(); ++i) {
      row[i] = static_cast<std::uint8_t>(std::clamp(row[i] + table[place], 0, 255));
      place = (place + 1) & 0xFFFFU;
    }
  }
}

void uneven_light(Picture& picture, double share, Random& random) {
  const double angle = random.between(0, 6.283);
  const double along_x = std::cos(angle) / picture.width_px;
  const double along_y = std::sin(angle) / picture.height_px;
  for (int y = 0; y < picture.height_px; ++y) {
    std::uint8_t* row = picture.row(y);
    for (std::size_t i = 0; i < picture.row_bytes(); ++i) {
      const double x = static_cast<double>(i) / picture.channels - picture.width_px / 2.0;
      const double light = 1 - share * (0.5 + 0.7 * (x * along_x + (y - picture.height_px / 2.0) * along_y));
      row[i] = level(row[i] * std::min(1.0, light));
    }
  }
}

void fade(Picture& picture, double contrast) {
  for (std::uint8_t& sample : picture.samples) {
    sample = level(255 - (255 - sample) * contrast);
  }
}

void darken_paper(Picture& picture, double share) {
  for (std::uint8_t& sample : picture.samples) {
    sample = level(sample * (1 - share));
  }
}

void add_specks(Picture& picture, double per_square_cm, Random& random) {
  const double px_per_cm = picture.dpi / 2.54;
  const int count = static_cast<int>(per_square_cm * picture.width_px * picture.height_px / (px_per_cm * px_per_cm));
  for (int i = 0; i < count; ++i) {
    const int x0 = random.integer(0, picture.width_px - 1);
    const int y0 = random.integer(0, picture.height_px - 1);
    // Dust of 0.1 to 0.25 mm.
    const int size = std::max(1, static_cast<int>(random.between(0.1, 0.25) / 25.4 * picture.dpi));
    const auto value = static_cast<std::uint8_t>(random.chance(0.7) ? random.integer(20, 110) : 250);
    for (int y = y0; y < std::min(y0 + size, picture.height_px); ++y) {
      for (int x = x0; x < std::min(x0 + size, picture.width_px); ++x) {
        for (int channel = 0; channel < picture.channels; ++channel) {
          picture.row(y)[x * picture.channels + channel] = value;
        }
      }
    }
  }
}

Scan random_scan(Severity severity, double dpi, Random& random) {
  Scan scan;
  Placement& placement = scan.placement;
  static const std::vector<double> kOffice{200, 240, 300, 300, 300, 400};
  static const std::vector<double> kBad{150, 150, 200, 200, 300, 600};
  if (severity == Severity::clean) {
    placement.dpi = dpi > 0 ? dpi : 300;
    return scan;
  }
  const bool bad = severity == Severity::bad;
  placement.dpi = dpi > 0 ? dpi : random.pick(bad ? kBad : kOffice);
  placement.angle_degrees = bad ? random.between(-10, 10) : random.between(-3, 3);
  placement.scale = random.between(0.98, 1.02);
  placement.shift_x_mm = random.between(-3, 3);
  placement.shift_y_mm = random.between(-3, 3);
  placement.border_mm = bad ? 14 : 8;
  const double glass = random.chance(0.75) ? random.between(0.96, 1) : random.between(0.03, 0.25);
  placement.glass = {glass, glass, glass};
  scan.upside_down = bad && random.chance(0.4);
  if (scan.upside_down) {
    placement.angle_degrees += 180;
  }
  scan.faint_pen = bad && random.chance(0.3);
  const double kind = random.unit();
  scan.file = kind < 0.45 ? FileKind::jpeg : kind < 0.8 ? FileKind::png : FileKind::tiff;
  scan.jpeg_quality = bad ? random.integer(45, 75) : random.integer(75, 92);
  return scan;
}

void degrade(Picture& picture, Severity severity, const Scan& scan, Random& random) {
  if (severity == Severity::clean) {
    return;
  }
  const bool bad = severity == Severity::bad;
  const double fine = picture.dpi / 300;
  blur(picture, fine * (bad ? random.between(0.5, 1.1) : random.between(0.3, 0.8)));
  if (bad) {
    if (random.chance(0.6)) {
      fade(picture, random.between(0.7, 0.9));
    }
    // What falls unevenly on a page is room light, on a photographed or gray page; a bilevel scanner has its own lamp.
    if (random.chance(0.6) && scan.file != FileKind::tiff) {
      uneven_light(picture, random.between(0.1, 0.3), random);
    }
  }
  darken_paper(picture, random.between(0, bad ? 0.12 : 0.05));
  add_noise(picture, bad ? random.between(4, 10) : random.between(1.5, 5), random);
  if (bad) {
    add_specks(picture, random.between(0.1, 1.2), random);
  }
  const double mode = random.unit();
  if (scan.file == FileKind::tiff && mode < 0.7) {
    // A scanner's own driver sets the threshold by the paper that it sees.
    to_bilevel(picture, static_cast<int>(paper_level(picture) * (bad ? random.between(0.70, 0.78) : random.between(0.74, 0.82))));
  } else if (mode < 0.6) {
    to_gray(picture);
  }
  const double tag = random.unit();
  if (bad && tag < 0.3) {
    picture.dpi_tag = 0;
  } else if (bad && tag < 0.6) {
    picture.dpi_tag = tag < 0.45 ? 72 : 96;
  }
}

}  // namespace inkfield::generator
