// What forms, scanners and thresholds do to ink, for training samples.
#pragma once

#include "recognizer/normalization.h"
#include "recognizer/synthesis/handwriting.h"
#include "recognizer/synthesis/random.h"

namespace inkfield::training {

/// A straight remain of a printed line: full of gaps, uneven, or nearly whole.
void draw_line_remains(synthesis::InkCanvas& canvas, float x0, float y0, float x1, float y1, float width_px,
                       synthesis::Random& random);

/// Fine wavy lines of a security paper that were as dark as a faint pen.
void draw_background_rests(synthesis::InkCanvas& canvas, float digit_height_px, synthesis::Random& random);

/// Dirt: short dots of a pen's darkness, anywhere.
void add_specks(synthesis::InkCanvas& canvas, int count, float digit_height_px, synthesis::Random& random);

/// The scanner and the thresholding that made an ink map of the page: gaps where a rule was removed, thick and thin
/// strokes, blur, faint pens, two levels only, grain. Strokes thinner than `thin_stroke_px` only grow.
void spoil(synthesis::InkCanvas& canvas, float digit_height_px, float thin_stroke_px, synthesis::Random& random);

/// Small shift and scale left after normalizing: boxes of ink are never cut quite alike.
void jitter(recognizer::NetworkInput& input, float deviation, synthesis::Random& random);

}  // namespace inkfield::training
