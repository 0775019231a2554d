// What cells and lines of samples are both put together from.
#pragma once

#include <cstdint>
#include <vector>

#include "recognizer/synthesis/handwriting.h"
#include "recognizer/synthesis/random.h"
#include "recognizer/training/samples.h"

namespace inkfield::training {

/// One digit, warped and ready to be laid on a canvas.
struct Patch {
  int width_px = 0;
  int height_px = 0;
  int left_px = 0;  // first and one past the last inked column
  int right_px = 0;
  std::vector<std::uint8_t> ink;
};

/// What one writer does to all digits of a line; each digit adds a little of its own.
struct Warp {
  float scale = 1;  // canvas pixels for each pixel of the set's image
  float aspect = 1;
  float shear = 0;
  float turn = 0;
  float elastic = 0;       // displacement in image heights
  float threshold = 0.5F;  // where the edge of the stroke is set: low is bolder
  float contrast = 1;      // slope of the tone curve; 1 keeps the tones
  float darkness = 1;
};

/// A writer's ways with the digits of a set; `gentle` ones stay close to what the set has.
Warp random_warp(const DigitSet& set, float digit_height_px, bool gentle, synthesis::Random& random);
Patch warp_digit(const DigitImage& digit, const Warp& warp, synthesis::Random& random);
/// Darkens the canvas by the patch's ink, what lies outside is left out.
void lay(const Patch& patch, int left_px, int top_px, synthesis::InkCanvas& canvas);

const SampleSources::Weighted& choose_set(const SampleSources& sources, bool line, synthesis::Random& random);
/// In pixels, over the resolutions that forms are scanned in.
float random_digit_height(synthesis::Random& random);
/// Ink that is neither digit nor mark: a letter, a scribble, a digit crossed out.
synthesis::StrokePath write_reject(const synthesis::WriterStyle& style, synthesis::Random& random);
/// Whether a sample is one of those that are not rough. Draws nothing when all are rough, so that such a training's sequence
/// of samples does not depend on this.
bool milder(float roughness, synthesis::Random& random);
/// Whether a writer has the shapes of some countries. Draws nothing when none has.
bool regional(const SampleSources& sources, synthesis::Random& random);
/// Empty paper, where a sample's ink came to nothing.
void leave_empty(Sample& sample);

}  // namespace inkfield::training
