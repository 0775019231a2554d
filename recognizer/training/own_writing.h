// Training on a customer's own writing: what OWN_WRITING.md promises, from the check of the crops to the
// report.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "recognizer/training/calibration_fit.h"
#include "recognizer/training/evaluation.h"
#include "recognizer/training/strips.h"
#include "recognizer/training/trainer.h"

namespace inkfield::training {

/// Least crops to train on, and least held-out ones that fix the confidence of lines without the help of
/// general lines.
inline constexpr std::size_t kFewestOwnCrops = 50;
inline constexpr std::size_t kEnoughHeldOutCrops = 200;

/// As `load_strips`, and refuses what nothing can be learnt from or judged by: fewer than 50 strips, all of
/// one writer, pictures that show paper or no ink. Without writers, blocks of rows that follow each other by
/// name count as one hand. Throws Error(io_error) or Error(invalid_argument) naming file, line and cure.
StripSet load_own_strips(const std::filesystem::path& folder, const std::filesystem::path& table);

/// One writer in five to `held_out`, at least one, the others to `kept`. Ordered by how much they wrote it is
/// the middle one of each five: neither all that one writer gave nor the scraps of many.
void hold_out_writers(const StripSet& all, StripSet& kept, StripSet& held_out);

struct OwnLineFit {
  FittedCalibration calibration;  ///< rises with the probability, always
  std::size_t general = 0;        ///< outcomes of general lines that were taken in
  bool identity = false;  ///< even with those nothing could be fitted: the network's own probability stands
};
/// Confidence of lines from held-out crops. Where they are fewer than 200, `general` fills up to that; all of
/// it is taken where the crops alone would have surer answers be less often right.
OwnLineFit fit_own_lines(const std::vector<Outcome>& crops, const std::vector<Outcome>& general);

/// The exact 95 % interval of a binomial share (Clopper and Pearson 1934); 0 to 1 if `whole` is 0.
struct ShareInterval {
  double low = 0;
  double high = 1;
};
ShareInterval clopper_pearson(int part, int whole);

/// The most answers that can be accepted, surest first, with at most this share of them wrong; answers of one
/// probability are taken or left together.
struct Accepted {
  int count = 0;
  int wrong = 0;
};
Accepted most_accepted(std::vector<Outcome> outcomes, double wrong_rate);

struct OwnWritingReport {
  int crops = 0;  ///< trained on
  int writers = 0;
  int held_out = 0;
  int held_out_writers = 0;
  Score before;  ///< held-out crops, by the network to begin from
  Score after;
  OwnLineFit lines;
  bool cells_identity = false;  ///< of cells nothing could be fitted: the network's own probability stands
  std::string text;  ///< the whole report, for people
};

/// What an option that the recipe needs is called and means; empty if none is missing.
std::string missing_own_option(const TrainingOptions& options);

/// Checks everything, trains, fits the confidences, writes `options.out` and, beside it, the report: own.onnx
/// and own.report.txt. `options.init` is a model file. Nothing is written before training ends well. Throws
/// Error before training where anything asked for cannot be done.
OwnWritingReport train_on_own_writing(TrainingOptions options);

/// Where the report of a model file lies.
std::filesystem::path report_beside(const std::filesystem::path& model);

}  // namespace inkfield::training
