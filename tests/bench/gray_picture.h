// What the generator drew, as the pipeline takes it.
#pragma once

#include <utility>

#include "plugin/page/raster.h"
#include "tests/generator/degradation.h"
#include "tests/generator/picture.h"

namespace inkfield::bench {

inline page::GrayImage gray_of(generator::Picture picture) {
  generator::to_gray(picture);
  page::GrayImage gray(picture.width_px, picture.height_px);
  gray.pixels = std::move(picture.samples);
  return gray;
}

}  // namespace inkfield::bench
