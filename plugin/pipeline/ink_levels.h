// How dark paper, background print and strokes are in one crop: the parts of `extract_ink`, for those who look for
// printed lines in between.
#pragma once

#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"

namespace inkfield::pipeline {

/// Strokes fainter than this (of 255, as a share of the paper's brightness) are not stretched to full ink: below it
/// lie the noise of scanners and the print that shines through.
inline constexpr int kFaintestInk = 60;

/// In units of darkness: 0 paper, 255 black.
struct InkLevels {
  int background = 0;     ///< security print and dirt are at most so dark
  int full = kFaintestInk;  ///< strokes are so dark
};

/// How much darker than the paper around it each pixel is: 0 paper, 255 black. Same size as `gray`. With
/// `widest_stroke_px` above 0, whatever is wider than that and not black is taken for darker paper.
page::GrayImage measure_darkness(const page::GrayImage& gray, int widest_stroke_px = 0);

InkLevels measure_ink_levels(const page::GrayImage& darkness);

/// The same for a field. Where the form's print was dropped out, full ink is at least as dark as print and pen are with it: what a colour
/// that does not vanish quite leaves behind stays faint, even in an empty field.
InkLevels measure_ink_levels(const page::GrayImage& darkness, const page::FieldCrop& crop);

/// Darkness to ink: `background` and less become 0, `full` and more 255, linear between.
page::GrayImage stretch_ink(const page::GrayImage& darkness, InkLevels levels);

}  // namespace inkfield::pipeline
