// Cuts a field's patch out of the page: upright, at a known scale, with a margin around its zone.
#pragma once

#include "config/form_template.h"
#include "plugin/page/field_crop.h"
#include "plugin/page/raster.h"
#include "plugin/page/registered_form.h"
#include "recognizer/image_view.h"

namespace inkfield::pipeline {

/// Crops are this fine (300 dpi) unless the page is coarser by more than a half.
inline constexpr double kCropPxPerMm = 300.0 / 25.4;
/// Handwritten numbers need no more (225 dpi), and their time goes with the pixels. Ticks do: at severity 4, each damage
/// alone, 24 of 3,779 fields accepted at 225 dpi were wrong, all but two of them check boxes, instead of 5 of 3,728.
inline constexpr double kNumberPxPerMm = 225.0 / 25.4;

/// The scale of crops that are to be `finest` where the page is.
double crop_scale(const page::RegisteredForm& registered, double finest_px_per_mm);

/// Touches only the pixels of the patch. Beyond the page's edge its last pixels go on. The crop refers to
/// `field`. `px_per_mm` 0: as fine as crop_scale says for kCropPxPerMm.
page::FieldCrop crop_field(recognizer::ImageView page, const page::RegisteredForm& registered,
                           const config::Field& field, double px_per_mm = 0);

/// A crop that the host cut itself: the zone is all of it, the scale unknown.
page::FieldCrop whole_crop(recognizer::ImageView picture, const config::Field& field);

}  // namespace inkfield::pipeline
