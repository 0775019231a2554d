// How a sheet lies in its picture: turned by some degrees, or seen by a camera that was held at an angle.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "plugin/page/raster.h"
#include "plugin/page/transform.h"
#include "plugin/pipeline/page_evidence.h"

namespace inkfield::pipeline {

/// Of the picture's longer side: a phone sees about as far to both sides together as it is away.
inline constexpr double kFocalLength = 0.95;

/// Radians that the print's lines are turned clockwise, within a quarter turn; 0 where nothing gathers on lines.
double measure_skew(const std::vector<std::uint8_t>& dark, int width, int height);

/// Whether the lines of an upright picture converge; then `seen_from_flat` maps a flat sheet, its middle at the origin, to it.
bool measure_convergence(const PrintEvidence& print, page::Transform& seen_from_flat);

/// The size of a picture that holds all of `gray` after the map is undone, and the map from that picture.
page::Transform fitting_canvas(const page::Transform& gray_from_free, const page::GrayImage& gray, int& width, int& height);

/// Of every row of a turned picture, the columns that lie on the picture it was turned from; the second is one past the last.
std::vector<std::pair<int, int>> shown_columns(const page::Transform& gray_from_turned, int gray_width, int gray_height, int width, int height);

/// `gray` resampled under the map; what lies outside of it is paper.
page::GrayImage turned(const page::GrayImage& gray, const page::Transform& gray_from_turned, int new_width, int new_height, int paper);

}  // namespace inkfield::pipeline
