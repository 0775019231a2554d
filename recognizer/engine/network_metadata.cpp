// A strict reader for the two small JSON values in the metadata, and the checks behind them. The recognizer
// stands on the standard library, so these sixty lines replace a JSON library here.
#include "recognizer/engine/network_metadata.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "recognizer/error.h"

namespace inkfield::recognizer {
namespace {

// A digit is hardly narrower than 4 px at the height that networks see; more frames than these are a mistake.
constexpr int kMaxFramesPerColumn = 8;

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::invalid_model, "ONNX metadata: " + what);
}

/// Objects, arrays, numbers and plain strings; no escapes, no literals: the metadata needs none.
struct Json {
  enum class Type { number, text, array, object } type = Type::number;
  double number = 0;
  std::string text;
  std::vector<Json> items;
  std::vector<std::string> names;  // of the items of an object

  [[nodiscard]] const Json* find(std::string_view key) const {
    const auto found = std::find(names.begin(), names.end(), key);
    return found == names.end() ? nullptr : &items[static_cast<std::size_t>(found - names.begin())];
  }
};

class JsonReader {
 public:
  JsonReader(std::string_view key, std::string_view text) : key_(key), text_(text) {}

  Json read() {
    Json value = read_value(0);
    skip_blanks();
    if (at_ != text_.size()) wrong("more text after its end");
    return value;
  }

 private:
  static constexpr int kMaxDepth = 6;

  [[noreturn]] void wrong(const std::string& what) const {
    fail(std::string(key_) + " is not the JSON expected: " + what + " at byte " + std::to_string(at_));
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool take(char wanted) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  std::string read_string() {
    if (!take('"')) wrong("no string");
    const std::size_t end = text_.find_first_of("\"\\", at_);
    if (end == std::string_view::npos || text_[end] != '"') wrong("no plain string");
    std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }

  Json read_value(int depth) {
    if (depth > kMaxDepth) wrong("too deeply nested");
    Json value;
    if (take('{')) {
      value.type = Json::Type::object;
      if (take('}')) return value;
      do {
        std::string name = read_string();
        if (value.find(name) != nullptr) wrong("a key stands twice");
        if (!take(':')) wrong("no colon");
        value.items.push_back(read_value(depth + 1));
        value.names.push_back(std::move(name));
      } while (take(','));
      if (!take('}')) wrong("no end of an object");
    } else if (take('[')) {
      value.type = Json::Type::array;
      if (take(']')) return value;
      do {
        value.items.push_back(read_value(depth + 1));
      } while (take(','));
      if (!take(']')) wrong("no end of a list");
    } else if (at_ < text_.size() && text_[at_] == '"') {
      value.type = Json::Type::text;
      value.text = read_string();
    } else {
      const char* begin = text_.data() + at_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value.number);
      if (error != std::errc() || !std::isfinite(value.number)) wrong("no number");
      at_ += static_cast<std::size_t>(end - begin);
    }
    return value;
  }

  std::string_view key_;
  std::string_view text_;
  std::size_t at_ = 0;
};

class FactsReader {
 public:
  FactsReader(const onnx::Model& model, const NetworkPlan& plan) : plan_(plan) {
    for (const auto& [key, value] : model.metadata) {
      if (!key.starts_with("inkfield.")) continue;
      if (!values_.emplace(key, value).second) fail(onnx::quoted(key) + " stands twice");
    }
  }

  NetworkFacts read() {
    facts_.name = text("inkfield.name");
    facts_.version = text("inkfield.version");
    facts_.licence = text("inkfield.licence");
    facts_.data = text("inkfield.data");
    read_frames_per_column();
    facts_.class_count = plan_.class_count / facts_.frames_per_column;
    facts_.input_height_px = plan_.input_height_px;
    facts_.input_width_px = plan_.fixed_width_px;
    facts_.parameter_count = plan_.parameter_count;
    facts_.layers = plan_.layers;
    read_alphabet();
    find_stride();
    read_input();
    read_calibration();
    read_int8_ranges();
    return std::move(facts_);
  }

 private:
  const std::string* find(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }

  std::string text(std::string_view key) const {
    const auto* value = find(key);
    return value == nullptr ? std::string() : *value;
  }

  /// The classes of one frame depend on it, so that it is read before the alphabet.
  void read_frames_per_column() {
    const auto* value = find("inkfield.input");
    if (value == nullptr) return;
    const Json json = JsonReader("inkfield.input", *value).read();
    const Json* frames = json.find("frames_per_column");
    if (frames == nullptr) return;
    const std::string where = "inkfield.input.frames_per_column";
    const double count = number(frames, where, 1, kMaxFramesPerColumn);
    facts_.frames_per_column = static_cast<int>(count);
    if (count != facts_.frames_per_column) fail(where + " must be a whole number");
    if (plan_.class_count % facts_.frames_per_column != 0) {
      fail(where + " is " + std::to_string(facts_.frames_per_column) + ", which does not divide the network's " +
           std::to_string(plan_.class_count) + " outputs");
    }
  }

  void read_alphabet() {
    const auto* blank = find("inkfield.blank");
    if (blank != nullptr && *blank != "0" && *blank != "none") {
      fail("inkfield.blank is " + onnx::quoted(*blank) + ", expected \"0\" (class 0) or \"none\"");
    }
    const auto* alphabet = find("inkfield.alphabet");
    if (alphabet == nullptr) {
      if (facts_.class_count != 10) {
        fail("inkfield.alphabet is missing and the network has " + std::to_string(facts_.class_count) +
             " classes; only ten are taken for digits. Add the key (see recognizer/engine/README.md)");
      }
      facts_.alphabet = "0123456789";
      facts_.has_blank = false;
      return;
    }
    facts_.alphabet = *alphabet;
    facts_.has_blank = blank == nullptr || *blank == "0";
    const auto expected = static_cast<std::size_t>(facts_.class_count - (facts_.has_blank ? 1 : 0));
    if (facts_.alphabet.size() != expected) {
      fail("inkfield.alphabet has " + std::to_string(facts_.alphabet.size()) +
           " symbols, the network has classes for " + std::to_string(expected));
    }
    for (std::size_t i = 0; i < facts_.alphabet.size(); ++i) {
      const char symbol = facts_.alphabet[i];
      if (symbol <= ' ' || symbol > '~') fail("inkfield.alphabet holds a symbol that is no printable ASCII");
      if (facts_.alphabet.find(symbol) != i)
        fail(std::string("inkfield.alphabet holds '") + symbol + "' twice");
    }
  }

  void find_stride() {
    if (plan_.fixed_width_px != 0) {
      const auto frames = plan_.sizes(plan_.fixed_width_px)[static_cast<std::size_t>(plan_.output)].width;
      if (!facts_.has_blank && frames * facts_.frames_per_column != 1) {
        fail("the network has no blank class but gives " + std::to_string(frames * facts_.frames_per_column) +
             " frames; set inkfield.blank");
      }
      facts_.frame_stride_px = static_cast<int>(plan_.fixed_width_px / frames);
      return;
    }
    if (!facts_.has_blank) {
      fail("a network without a blank class must have an input of fixed width; set inkfield.blank");
    }
    // Two widths far apart give the stride, the first ones must agree with it. Then all do: every layer's size repeats, one
    // more for each stride px.
    constexpr std::int64_t kWidthsTriedPx = 512;
    const auto frames = [&](int width) {
      return plan_.sizes(width)[static_cast<std::size_t>(plan_.output)].width;
    };
    std::int64_t stride = 0;
    try {
      const auto gained = frames(kMaxInputWidthPx) - frames(kMaxInputWidthPx / 2);
      if (gained > 0 && (kMaxInputWidthPx / 2) % gained == 0) stride = kMaxInputWidthPx / 2 / gained;
      if (stride == 0 || stride > 16) fail("the network's frames do not follow the width of its input");
      for (std::int64_t width = 32; width <= kWidthsTriedPx; width += stride) {
        if (frames(static_cast<int>(width)) != width / stride) {
          fail("an input " + std::to_string(width) + " px wide gives " +
               std::to_string(frames(static_cast<int>(width))) + " frames, expected " +
               std::to_string(width / stride) + "; check the pads");
        }
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::invalid_model) throw;
      fail(error.what());
    }
    facts_.frame_stride_px = static_cast<int>(stride);
  }

  void read_input() {
    const auto* value = find("inkfield.input");
    if (value == nullptr) return;
    const Json json = JsonReader("inkfield.input", *value).read();
    const auto check = [&](std::string_view key, int found) {
      const Json* said = json.find(key);
      if (said == nullptr) return;
      if (said->type != Json::Type::number || said->number != found) {
        fail("inkfield.input says another " + std::string(key) + " than its layers, which have " +
             std::to_string(found));
      }
    };
    check("height_px", plan_.input_height_px);
    check("frame_stride_px", facts_.frame_stride_px);
    if (const Json* layout = json.find("layout"); layout != nullptr) {
      const bool known =
          layout->type == Json::Type::text && (layout->text == "line" || layout->text == "symbol");
      if (!known) fail("inkfield.input: layout must be \"line\" or \"symbol\"");
      if (layout->text == "line" && plan_.fixed_width_px != 0) {
        fail("inkfield.input: layout \"line\" needs an input of open width");
      }
    }
    if (const Json* symbol = json.find("symbol"); symbol != nullptr) read_framing(*symbol);
  }

  void read_framing(const Json& json) {
    const std::string where = "inkfield.input.symbol";
    if (json.type != Json::Type::object) fail(where + " must be an object");
    if (plan_.fixed_width_px != plan_.input_height_px) {
      fail(where + " needs a network whose input is a square of fixed size");
    }
    SymbolFraming framing;
    framing.size_px = plan_.input_height_px;
    framing.box_px = static_cast<float>(number(json.find("box_px"), where + ".box_px", 1, framing.size_px));
    if (const Json* centre = json.find("centre"); centre != nullptr) {
      const bool known = centre->type == Json::Type::text && (centre->text == "box" || centre->text == "mass");
      if (!known) fail(where + ".centre must be \"box\" or \"mass\"");
      framing.centred_by_mass = centre->text == "mass";
    }
    // Levels of opposite order would show the network a negative; nobody trains on that by intent.
    if (json.find("paper") != nullptr || json.find("ink") != nullptr) {
      framing.paper = static_cast<float>(number(json.find("paper"), where + ".paper", -1e3, 1e3));
      framing.ink = static_cast<float>(number(json.find("ink"), where + ".ink", -1e3, 1e3));
      if (!(framing.ink > framing.paper)) fail(where + ".ink must be above its paper");
    }
    facts_.framing = framing;
  }

  static double number(const Json* json, const std::string& where, double least, double most) {
    if (json == nullptr || json->type != Json::Type::number) fail(where + " must be a number");
    if (!(json->number >= least && json->number <= most)) fail(where + " is out of range");
    return json->number;
  }

  static std::vector<std::pair<double, double>> read_thresholds(const Json& json, const std::string& where) {
    std::vector<std::pair<double, double>> read;
    const Json* thresholds = json.find("thresholds");
    if (thresholds == nullptr || thresholds->type != Json::Type::array)
      fail(where + ".thresholds must be a list");
    for (const auto& entry : thresholds->items) {
      if (entry.type != Json::Type::array || entry.items.size() != 2) {
        fail(where + ".thresholds must hold pairs [rate, confidence]");
      }
      // A confidence above 1 says that this rate cannot be kept at all.
      read.emplace_back(number(&entry.items[0], where + ".thresholds: rate", 1e-9, 1.0),
                                    number(&entry.items[1], where + ".thresholds: confidence", 0.0, 2.0));
    }
    std::sort(read.begin(), read.end());
    for (std::size_t i = 1; i < read.size(); ++i) {
      if (read[i].first == read[i - 1].first)
        fail(where + ".thresholds: a rate stands twice");
    }
    // Few held-out items can make a stricter rate look easier; never believe that.
    for (std::size_t i = read.size(); i-- > 1;) {
      read[i - 1].second = std::max(read[i - 1].second, read[i].second);
    }
    return read;
  }

  static CalibrationCurve read_curve(const Json& json, const std::string& where) {
    if (json.type != Json::Type::object) fail(where + " must be an object");
    CalibrationCurve curve;
    curve.a = number(json.find("a"), where + ".a", 1e-3, 1e3);  // a falling curve would turn answers round
    curve.b = number(json.find("b"), where + ".b", -1e3, 1e3);
    if (const Json* spread = json.find("spread")) curve.spread = number(spread, where + ".spread", 0, 1);
    curve.thresholds = read_thresholds(json, where);
    return curve;
  }

  void read_calibration() {
    const auto* value = find("inkfield.calibration");
    if (value == nullptr) return;
    const Json json = JsonReader("inkfield.calibration", *value).read();
    const Json* symbol = json.find("symbol");
    const Json* line = json.find("line");
    if (symbol == nullptr || (line == nullptr && plan_.fixed_width_px == 0)) {
      fail("inkfield.calibration must hold \"symbol\" and \"line\"");
    }
    facts_.symbol_calibration = read_curve(*symbol, "inkfield.calibration.symbol");
    read_row_thresholds(*symbol);
    if (line != nullptr) facts_.line_calibration = read_curve(*line, "inkfield.calibration.line");
    const Json* digits = json.find("digits");
    facts_.digits_calibration =
        digits != nullptr ? read_curve(*digits, "inkfield.calibration.digits") : facts_.line_calibration;
    facts_.calibrated = true;
  }

  void read_row_thresholds(const Json& symbol) {
    const Json* rows = symbol.find("rows");
    if (rows == nullptr) return;
    const std::string where = "inkfield.calibration.symbol.rows";
    if (rows->type != Json::Type::array) fail(where + " must be a list");
    for (const Json& row : rows->items) {
      if (row.type != Json::Type::object) fail(where + " must hold objects");
      const double cells = number(row.find("cells"), where + ".cells", 2, 64);
      if (cells != std::floor(cells)) fail(where + ".cells must be a whole number");
      facts_.row_thresholds.push_back({static_cast<int>(cells), read_thresholds(row, where)});
    }
    const auto shorter = [](const RowThresholds& a, const RowThresholds& b) { return a.cells < b.cells; };
    std::sort(facts_.row_thresholds.begin(), facts_.row_thresholds.end(), shorter);
  }

  void read_int8_ranges() {
    const auto* value = find("inkfield.int8");
    if (value == nullptr) return;
    const Json json = JsonReader("inkfield.int8", *value).read();
    number(json.find("version"), "inkfield.int8.version", 1, 1);
    const Json* ranges = json.find("ranges");
    if (ranges == nullptr || ranges->type != Json::Type::object)
      fail("inkfield.int8.ranges must be an object");
    for (std::size_t i = 0; i < ranges->items.size(); ++i) {
      const double largest = number(&ranges->items[i], "inkfield.int8.ranges", 1e-6, 1e6);
      facts_.int8_ranges.emplace_back(ranges->names[i], static_cast<float>(largest));
    }
  }

  const NetworkPlan& plan_;
  NetworkFacts facts_;
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace

NetworkFacts read_facts(const onnx::Model& model, const NetworkPlan& plan) {
  return FactsReader(model, plan).read();
}

}  // namespace inkfield::recognizer
