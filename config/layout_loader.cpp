// The boxes of a field. Whatever the JSON Schema says of a layout is checked here too, and that the boxes fit
// their zone.
#include "config/layout_loader.h"

#include <algorithm>
#include <array>

#include "config/field_loader.h"
#include "config/object_reader.h"

namespace inkfield::config {
namespace {

using Word = std::string_view;

constexpr std::array<Word, 3> kLayouts = {"line", "boxes", "comb"};
constexpr std::array<Word, 5> kLayoutKeys = {"type", "count", "pitch_mm", "gaps", "printed_lines"};
constexpr std::array<Word, 2> kGapKeys = {"after", "gap_mm"};

constexpr int kMaxBoxes = 100;
constexpr double kMinPitchMm = 1;
constexpr double kMaxPitchMm = 100;
constexpr double kMaxGapMm = 500;
// The last box may be narrower than the pitch (boxes that stand apart) or a little wider (thick lines).
// Beyond that zone, count and pitch do not speak of the same boxes, and the characters would be cut at the
// wrong places.
constexpr double kNarrowestLastBox = 0.3;
constexpr double kWidestLastBox = 1.25;

class LayoutReader {
 public:
  LayoutReader(const KindRules& rules, const std::optional<RectMm>& zone, FaultList& faults, Layout& layout)
      : rules_(rules), zone_(zone), faults_(faults), layout_(layout) {}

  bool read(const JsonNode& node, const std::string& pointer) {
    ObjectReader in(node, pointer, faults_);
    in.require("type", choice_text(kLayouts));
    const std::size_t faults_before = faults_.size();
    in.allow_keys(kLayoutKeys, "a layout", home_of_key);
    const auto type = in.choice("type", kLayouts);
    if (!type) return false;
    layout_.type = static_cast<LayoutType>(*type);
    layout_.printed_lines = in.boolean("printed_lines").value_or(true);
    if (layout_.type == LayoutType::line) {
      for (const Word key : {"count", "pitch_mm", "gaps"}) {
        if (in.has(key)) {
          in.fault_at(key, "a line has no " + in_quotes(key) +
                               "; delete it, or make the layout's \"type\" \"boxes\" or \"comb\"");
        }
      }
      return faults_.size() == faults_before;
    }
    if (std::find(rules_.layouts.begin(), rules_.layouts.end(), layout_.type) == rules_.layouts.end()) {
      in.fault_at("type", "found " + in_quotes(kLayouts[*type]) + ", but " + std::string(rules_.called) +
                              " is read as lines only; use \"line\", or \"handwritten_number\" as the field's kind if "
                              "people fill it in");
      return false;
    }
    in.require("count", "how many boxes there are");
    layout_.count = in.integer("count", 1, kMaxBoxes).value_or(0);
    layout_.pitch_mm = in.number("pitch_mm", {kMinPitchMm, kMaxPitchMm}).value_or(0);
    if (const JsonNode* gaps = in.list("gaps", 0, kMaxBoxes - 1)) read_gaps(*gaps, in.pointer_to("gaps"));
    if (faults_.size() != faults_before || layout_.count <= 0) return false;
    return !zone_ || fit_boxes(in);
  }

 private:
  void read_gaps(const JsonNode& list, const std::string& pointer) {
    for (std::size_t i = 0; i < list.children.size(); ++i) {
      const JsonNode& node = list.children[i];
      const std::string here = json_pointer(pointer, std::to_string(i));
      if (node.type != JsonType::object) {
        faults_.add(node.order, here,
                    "found " + describe(node) + ", expected an object {\"after\": .., \"gap_mm\": ..}");
        continue;
      }
      ObjectReader in(node, here, faults_);
      in.allow_keys(kGapKeys, "a gap", home_of_key);
      in.require("after", "which box the gap follows, counted from 1");
      in.require("gap_mm", "how wide the gap is");
      const auto after = in.integer("after", 1, kMaxBoxes - 1);
      const auto gap = in.number("gap_mm", {0, kMaxGapMm, true});
      if (!after) continue;
      if (layout_.count > 0 && *after >= layout_.count) {
        in.fault_at("after", "found " + std::to_string(*after) + ", but a gap lies between two of the " +
                                 boxes_text(layout_.type, layout_.count) + "; expected 1 to " +
                                 std::to_string(std::max(1, layout_.count - 1)));
      }
      const auto same = [&](const LayoutGap& other) { return other.after == *after; };
      if (std::any_of(layout_.gaps.begin(), layout_.gaps.end(), same)) {
        in.fault_at("after", "a gap after box " + std::to_string(*after) +
                                 " stands in this list already; add the two up");
      }
      layout_.gaps.push_back({*after, gap.value_or(0)});
    }
    std::sort(layout_.gaps.begin(), layout_.gaps.end(),
              [](const LayoutGap& a, const LayoutGap& b) { return a.after < b.after; });
  }

  bool fit_boxes(ObjectReader& in) {
    double gaps = 0;
    for (const LayoutGap& gap : layout_.gaps) gaps += gap.gap_mm;
    const double for_boxes = zone_->width_mm - gaps;
    const std::string zone_text = "the zone's " + mm_text(zone_->width_mm);
    const std::string less_gaps = gaps > 0 ? ", less " + mm_text(gaps) + " of gaps," : "";
    if (layout_.pitch_mm <= 0) {
      layout_.pitch_mm = for_boxes / layout_.count;
      if (layout_.pitch_mm < kMinPitchMm) {
        in.fault(boxes_text(layout_.type, layout_.count) + " do not fit: " + zone_text + less_gaps +
                 " leave " + mm_text(std::max(0.0, layout_.pitch_mm)) +
                 " for each; make the zone wider or the count or gaps smaller");
        return false;
      }
      return true;
    }
    const double last_box = for_boxes - (layout_.count - 1) * layout_.pitch_mm;
    if (last_box >= kNarrowestLastBox * layout_.pitch_mm && last_box <= kWidestLastBox * layout_.pitch_mm)
      return true;
    in.fault_at("pitch_mm",
                "found " + mm_text(layout_.pitch_mm) + ", but " + zone_text + less_gaps + " and " +
                    boxes_text(layout_.type, layout_.count) + " make a pitch of " +
                    mm_text(for_boxes / layout_.count) +
                    "; the zone is the outer edge of the boxes, correct what was measured wrong or leave "
                    "pitch_mm out");
    return false;
  }

  const KindRules& rules_;
  const std::optional<RectMm>& zone_;
  FaultList& faults_;
  Layout& layout_;
};

}  // namespace

std::span<const std::string_view> layout_keys() { return kLayoutKeys; }
std::span<const std::string_view> gap_keys() { return kGapKeys; }

std::string boxes_text(LayoutType type, int count) {
  return std::to_string(count) + (type == LayoutType::comb ? " places" : count == 1 ? " box" : " boxes");
}

bool read_layout(const JsonNode& node, const std::string& pointer, const KindRules& rules,
                 const std::optional<RectMm>& zone, FaultList& faults, Layout& layout) {
  return LayoutReader(rules, zone, faults, layout).read(node, pointer);
}

}  // namespace inkfield::config
