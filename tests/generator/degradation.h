// What scanners, copiers and fax machines do to a picture of a page. Each step is a function of its own and follows
// from its seed alone; geometry (skew, shift, scale, dpi) is the canvas's work, where it costs no sharpness.
#pragma once

#include <cstdint>

#include "tests/generator/canvas.h"
#include "tests/generator/picture.h"
#include "tests/generator/random.h"

namespace inkfield::generator {

enum class Severity { clean, scan, bad };

void to_gray(Picture& picture);
/// Black where darker than `threshold`; the picture is written as 1 bit.
void to_bilevel(Picture& picture, int threshold);
/// Gray value that nine samples in ten do not pass: the paper's.
int paper_level(const Picture& picture);
/// Three box filters, near enough to a Gaussian of that deviation.
void blur(Picture& picture, double deviation_px);
void add_noise(Picture& picture, double deviation, Random& random);
/// Light that falls off from one edge to the other by `share` of white, along a random direction.
void uneven_light(Picture& picture, double share, Random& random);
/// Everything moves towards white: ink keeps `contrast` of its darkness.
void fade(Picture& picture, double contrast);
/// Paper moves towards gray.
void darken_paper(Picture& picture, double share);
/// Black and white specks, so many to a square centimetre.
void add_specks(Picture& picture, double per_square_cm, Random& random);

/// How one page is scanned.
struct Scan {
  Placement placement;
  FileKind file = FileKind::png;
  int jpeg_quality = 85;
  bool faint_pen = false;
  bool upside_down = false;
};
Scan random_scan(Severity severity, double dpi, Random& random);
/// Puts the picture through the scanner that `random_scan` drew.
void degrade(Picture& picture, Severity severity, const Scan& scan, Random& random);

}  // namespace inkfield::generator
