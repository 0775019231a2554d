// A printed number as the engine reads it alone, and as it is read together with our network.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "plugin/page/field_crop.h"
#include "plugin/page/field_reader.h"
#include "plugin/pipeline/second_reading.h"

namespace inkfield::bench {

struct TwoReadings {
  page::Reading alone;     ///< the engine's, fitted to the format
  page::Reading own;       ///< our network's of the same print; empty if there was none to read
  page::Reading together;  ///< what a host gets
};

class TwoReaders {
 public:
  TwoReaders();
  TwoReaders(const TwoReaders&) = delete;
  TwoReaders& operator=(const TwoReaders&) = delete;
  /// The crop's field has a format.
  TwoReadings read(const page::FieldCrop& crop);

 private:
  std::unique_ptr<page::FieldReader> engine_;
  std::optional<recognizer::Automaton> format_;  // of the crop that is read
  pipeline::SecondReader second_;
};

/// The text that a reading stands for; empty if none is valid.
std::string text_of(const page::Reading& reading);
/// Whether a host would take it without a person.
bool accepted(const page::Reading& reading);

/// What two ways of reading make of the same numbers.
class Comparison {
 public:
  void add(const TwoReadings& readings, const std::string& truth);
  /// Rows of a table for people; `allowed_wrong_rate` is that of the fields.
  void print(double allowed_wrong_rate) const;

 private:
  struct Count {
    int right = 0;
    int accepted = 0;
    int accepted_wrong = 0;
    void add(const page::Reading& reading, const std::string& truth);
    void print(const char* name, int numbers) const;
  };
  int numbers_ = 0;
  Count alone_, together_;
  int agreed_ = 0, agreed_wrong_ = 0;
  int both_wrong_ = 0, same_mistake_ = 0;
  int sure_contradicted_ = 0, sure_contradicted_right_ = 0;
  int sure_beside_none_ = 0, sure_beside_none_right_ = 0;
  int doubtful_ = 0, doubtful_own_right_ = 0, doubtful_alone_right_ = 0;
};

}  // namespace inkfield::bench
