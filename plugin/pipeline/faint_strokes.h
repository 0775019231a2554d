// A second look at what was found empty: writing too faint to count as ink must not be taken for none.
#pragma once

#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"

namespace inkfield::pipeline {

/// How much darker than the paper around it a faint stroke is, of 255. Noise is smoothed before, and a back that shines through office
/// paper by a tenth mostly stays below.
inline constexpr int kFaintStroke = 17;
/// A check box is small: little of the back shines through it, and a mark taken for none is an answer that nobody doubts.
inline constexpr int kFaintMarkStroke = 15;
/// In a colour channel that a form's print does not quite vanish in, its remainder is fainter than this.
inline constexpr int kFaintStrokeDroppedOut = 34;

/// Whether `area` of the darkness map (see measure_darkness; printed lines in it do no harm if the area keeps clear of them) holds a stroke at
/// least so faint that reaches over `least_extent` of the area's height from top to bottom; `any_way`: or of its width from side to side.
bool has_faint_stroke(const page::GrayImage& darkness, const page::RectPx& area, double least_extent, int faintest, bool any_way);

}  // namespace inkfield::pipeline
