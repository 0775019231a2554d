// What a reader says of one field, before anyone decides what to do with it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/page/raster.h"
#include "plugin/page/transform.h"

namespace inkfield::page {

struct ReadingCandidate {
  std::string text;
  double probability = 0;
};

struct ReadingCharacter {
  std::uint32_t codepoint = 0;  ///< 0: an empty box
  double confidence = 0;
  Quad crop_quad{};             ///< in pixels of the crop
};

/// One line of print as its reader prepared it: dark on white paper, printed lines taken out.
struct PreparedPrint {
  std::shared_ptr<const GrayImage> picture;                  ///< null if nothing was prepared
  std::function<Point(double x, double y)> in_crop;  ///< pixels of the picture to pixels of the crop
};

struct Reading {
  std::string raw_text;                      ///< before any format
  std::vector<ReadingCandidate> candidates;  ///< valid under the format, best first; may be empty
  std::vector<ReadingCharacter> characters;  ///< of candidates[0]
  double confidence = 0;                     ///< calibrated, that candidates[0] is right
  double threshold = 1;                      ///< confidence from which it may be accepted
  double empty_probability = 0;              ///< that nothing is written
  bool changed_by_format = false;
  /// What candidates[0] stands for where the reader itself knows ("true" of a check box); the field's format is then not asked.
  std::optional<std::string> normalized;
  double box_ink_share = 0;  ///< of a check box: how much of its inside is inked
  PreparedPrint prepared;  ///< for a second reader: one line of print whose format is known
  std::string doubt;   ///< a reason never to accept by itself, for people; "" if none
  std::string failure; ///< why nothing could be read at all; "" if something was
};

}  // namespace inkfield::page
