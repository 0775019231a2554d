// What the blank form shows where a field is, taken out of the field's ink: guides in the boxes, labels, tints, security print.
#pragma once

#include <vector>

#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"
#include "plugin/pipeline/printed_lines.h"

namespace inkfield::pipeline {

/// The same place of the blank form, resampled to the crop's pixels: how dark the print is, 255 black. `blank` fills a page of
/// `page_width_mm` by `page_height_mm` exactly.
page::GrayImage print_in_crop(const page::GrayImage& blank, double page_width_mm, double page_height_mm, const page::FieldCrop& crop);

/// `print` moved to where `ink` (an ink map of the same size, lines still in it) shows it, up to 0.7 mm; empty when it does not show:
/// another colour channel, too faint a copy, nothing printed here.
page::GrayImage aligned_print(const page::GrayImage& print, const page::GrayImage& ink, double px_per_mm);

/// Takes the print (aligned, as darkness) out of the ink map. What is darker than the print can be is a stroke on it and stays; under print
/// as dark as any stroke, ink stays where a stroke enters on one side and leaves on the other. `lines` were dealt with already: nothing
/// is touched there.
void subtract_print(page::GrayImage& ink, const page::GrayImage& print, const std::vector<PrintedLine>& lines);

}  // namespace inkfield::pipeline
