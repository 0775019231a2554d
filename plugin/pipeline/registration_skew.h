// How a sheet lies in its picture: turned by some degrees, or seen by a camera that was held at an angle.
#pragma once

#include <cstdint>
#include <vector>

#include "plugin/page/raster.h"
#include "plugin/page/transform.h"
#include "plugin/pipeline/page_evidence.h"

namespace inkfield::pipeline {

/// Radians that the print's lines are turned clockwise, within a quarter turn; 0 where nothing gathers on lines.
double measure_skew(const std::vector<std::uint8_t>& dark, int width, int height);

/// Whether the lines of an upright picture converge; then `seen_from_flat` maps a flat sheet, its middle at the origin, to it.
bool measure_convergence(const PrintEvidence& print, page::Transform& seen_from_flat);

/// The size of a picture that holds all of `gray` after the map is undone, and the map from that picture.
page::Transform fitting_canvas(const page::Transform& gray_from_free, const page::GrayImage& gray, int& width, int& height);

/// `gray` resampled under the map; what lies outside of it is paper.
page::GrayImage turned(const page::GrayImage& gray, const page::Transform& gray_from_turned, int new_width, int new_height, int paper);

}  // namespace inkfield::pipeline
