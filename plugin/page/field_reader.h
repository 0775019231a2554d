// The interface behind every field kind: one crop in, one reading out.
#pragma once

#include <functional>
#include <string>

#include "plugin/page/field_crop.h"
#include "plugin/page/reading.h"

namespace inkfield::page {

/// What a reader may use while it works. Valid during the call only.
struct ReadContext {
  /// Throws Error(cancelled or deadline_exceeded) when the host wants the call to end; call it between steps.
  std::function<void()> checkpoint = [] {};
  /// Takes a picture of a step under a short name ("lines-removed"); empty when nobody wants pictures.
  std::function<void(const std::string& step, const GrayImage& picture)> explain;
};

/// One object a session; never shared between threads. An unreadable field is a Reading with `failure`,
/// not an exception; exceptions are for cancelling and for faults of ours.
class FieldReader {
 public:
  virtual ~FieldReader() = default;
  virtual Reading read(const FieldCrop& crop, const ReadContext& context) = 0;
};

}  // namespace inkfield::page
