// A photographed sheet lies on something darker, and its four straight sides tell how the camera looked at it.
#pragma once

#include "plugin/page/raster.h"
#include "plugin/page/transform.h"

namespace inkfield::pipeline {

/// Whether all four sides of a sheet are seen and converge as under a camera; then `seen_from_flat` maps the flat sheet to the picture.
/// `paper` is how bright paper is.
bool find_sheet(const page::GrayImage& gray, int paper, page::Transform& seen_from_flat);

}  // namespace inkfield::pipeline
