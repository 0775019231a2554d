// A network loaded from an ONNX file, ready to run on this processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "recognizer/normalization.h"

namespace inkfield::recognizer {

/// Calibration of one way of reading; see `decoding/calibration.h` for its use.
struct CalibrationCurve {
  double a = 1.0;
  double b = 0.0;
  /// The least share of the probability that is neither the answer's nor its strongest rival's which speaks
  /// against the answer: 1 takes its plain probability. See `standing` in decoding/line_evidence.h.
  double spread = 1.0;
  std::vector<std::pair<double, double>> thresholds;  ///< (allowed wrong rate, least confidence), by rate
};

/// How a network calculates. Whichever it is, every processor gives the same bits.
enum class Precision {
  float32,
  int8,  ///< bytes where the file says how large their values become (`inkfield.int8`), floats elsewhere
  fastest  ///< int8 if the file says so for any, else float32
};

struct Kernels;
namespace onnx {
struct Model;
}

struct NetworkOptions {
  Precision precision = Precision::float32;
  const Kernels* kernels = nullptr;  ///< nullptr: the best that this processor has
};

/// (Allowed wrong rate, least confidence), counted on rows of so many cells.
struct RowThresholds {
  int cells = 0;
  std::vector<std::pair<double, double>> thresholds;
};

/// What a network file says about itself, checked against its layers.
struct NetworkFacts {
  std::string name;
  std::string version;
  std::string licence;
  std::string data;
  std::string alphabet;  ///< symbols of classes 1..; class 0 is the CTC blank
  /// False for a plain classifier, which has no blank: its classes 0.. are the alphabet from the start and it
  /// reads lone symbols only, each input giving one frame.
  bool has_blank = true;
  int class_count = 0;
  int input_height_px = 0;
  int input_width_px = 0;  ///< 0: any multiple of `frame_stride_px`
  int frame_stride_px = 0;  ///< columns of input behind one column of scores
  /// Frames that one column of scores holds, one after the other, left to right.
  int frames_per_column = 1;
  /// How the network's lone symbols are framed; unset: as the shipped networks', scaled to its size.
  std::optional<SymbolFraming> framing;
  CalibrationCurve symbol_calibration;
  CalibrationCurve line_calibration;
  CalibrationCurve digits_calibration;  ///< of lines that may hold digits alone; the lines' if the file has none
  /// For the product of a row's confidences, the shortest rows first; empty if the file has none.
  std::vector<RowThresholds> row_thresholds;
  bool calibrated = false;
  std::int64_t parameter_count = 0;
  /// Largest values that samples gave the inputs of convolutions, by the value's name; empty if the file has
  /// none and cannot run in int8.
  std::vector<std::pair<std::string, float>> int8_ranges;
  Precision precision = Precision::float32;
  std::vector<std::string> layers;  ///< one line each, for people: "Conv 3x3 16->32 stride 1 pad 1 + Relu"
};

/// Limits on what a network file may ask for; past them it is refused.
inline constexpr std::size_t kMaxModelBytes = 256U << 20U;
inline constexpr int kMaxModelNodes = 4096;

/// Immutable and safe to share between threads; every run brings its own scratch memory.
class Network {
 public:
  /// Working memory of one run at a time; grows to what the largest input needed and is reused.
  class Scratch {
   public:
    Scratch();
    ~Scratch();
    Scratch(Scratch&&) noexcept;
    Scratch& operator=(Scratch&&) noexcept;

   private:
    friend class Network;
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  /// Reads an ONNX file held in memory. Throws Error(invalid_model) that names the node and says what is
  /// missing; never trusts a length, a shape or an index of the file. Error(unavailable) if int8 is asked for
  /// and the file has no ranges for it.
  static Network from_onnx(std::span<const std::uint8_t> onnx, const NetworkOptions& options = {});
  /// Of a model that was read; its weights must still be there.
  static Network from_model(const onnx::Model& model, const NetworkOptions& options = {});
  static Network from_file(const std::string& path, const NetworkOptions& options = {});

  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  [[nodiscard]] const NetworkFacts& facts() const;
  /// Multiply-adds of one input `width_px` wide.
  [[nodiscard]] std::int64_t multiply_adds(int width_px) const;

  /// Runs `batch` inputs of the same width: `input` is [batch][input_height_px][width_px], row-major.
  /// Fills `scores` with [batch][frames][class_count] raw scores and returns frames. The same input gives
  /// the same bits on every processor and in every batch.
  int run(std::span<const float> input, int batch, int width_px, Scratch& scratch,
          std::vector<float>& scores) const;

 private:
  friend class Int8Ranges;
  /// Raises `largest`, by the names of values, to what one input of a float32 network gives.
  void measure(std::span<const float> input, int width_px, Scratch& scratch,
               std::map<std::string, float>& largest) const;
  struct Impl;
  explicit Network(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace inkfield::recognizer
