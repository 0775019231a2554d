// Best first, by sets of changes. Likelihoods are multiplied, never turned into logarithms: the same bits everywhere.
#include "plugin/pipeline/rule_search.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <queue>
#include <utility>

namespace inkfield::pipeline {
namespace {

// Other choices matter to the agreement down to this share of the best.
constexpr double kLeastShareOfBest = 1e-3;
constexpr std::size_t kMostNodes = 400'000;  // 13 MB
constexpr std::size_t kLooksOfANode = 4;     // what keeping one costs beside a look at a value
constexpr std::size_t kLooksBetweenCheckpoints = 4096;
constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// A set of changes: its parent's and one more, to mend one rule.
struct Node {
  double likelihood = 1;
  std::uint32_t parent = kNone;
  std::uint32_t rule = kNone;         // that was broken in the parent
  std::uint32_t place = 0;            // of the changed field in that rule; those before it stay as they are from here on
  std::uint32_t alternative = 0;
};

class Search {
 public:
  Search(std::span<const TiedRule> rules, const Alternatives& alternatives, std::vector<const RuleValue*>& values, SearchBudget& budget)
      : rules_(rules), alternatives_(alternatives), values_(values), budget_(budget), settled_(values.size(), 0) {
    rules_of_.resize(values.size());
    for (std::size_t r = 0; r < rules.size(); ++r) {
      for (const std::size_t field : rules[r].fields) rules_of_[field].push_back(r);
    }
  }

  JointChoice run() {
    for (std::size_t r = 0; r < rules_.size(); ++r) {
      if (!holds(r)) broken_at_first_.push_back(r);
    }
    nodes_.push_back({});
    open_.push(0);
    double best = 0;
    std::vector<std::pair<double, std::vector<FieldChange>>> found;
    bool complete = true;
    while (!open_.empty()) {
      const std::uint32_t at = open_.top();
      const double likelihood = nodes_[at].likelihood;
      if (!found.empty() && likelihood < best * kLeastShareOfBest) break;
      open_.pop();
      if (spent_) {
        complete = false;
        break;
      }
      put_in(at);
      const std::size_t broken = broken_rule();
      if (broken == rules_.size()) {
        if (!spent_) {
          if (found.empty()) best = likelihood;
          found.emplace_back(likelihood, changes_);
        }
      } else {
        branch(at, broken);
      }
      take_out();
    }
    complete = complete && !spent_;
    JointChoice choice;
    choice.complete = complete;
    choice.agreement.assign(values_.size(), 1.0);
    if (found.empty()) {
      choice.outcome = complete ? JointChoice::Outcome::impossible : JointChoice::Outcome::too_long;
      return choice;
    }
    choice.outcome = JointChoice::Outcome::found;
    choice.changes = found.front().second;
    weigh(found, choice);
    return choice;
  }

 private:
  struct Later {
    const std::vector<Node>* nodes;
    bool operator()(std::uint32_t a, std::uint32_t b) const {
      const double la = (*nodes)[a].likelihood;
      const double lb = (*nodes)[b].likelihood;
      return la != lb ? la < lb : a > b;
    }
  };

  void look(std::size_t count) {
    if (budget_.looks < count) {
      budget_.looks = 0;
      spent_ = true;
    } else {
      budget_.looks -= count;
    }
    since_checkpoint_ += count;
    if (since_checkpoint_ < kLooksBetweenCheckpoints) return;
    since_checkpoint_ = 0;
    budget_.checkpoint();
  }

  bool holds(std::size_t rule) {
    look(rules_[rule].fields.size());
    return rules_[rule].check->holds(values_);
  }

  /// Puts a node's changes into the values, and marks what may not change any more.
  void put_in(std::uint32_t at) {
    changes_.clear();
    marked_.clear();
    saved_.clear();
    for (; nodes_[at].parent != kNone; at = nodes_[at].parent) {
      const Node& node = nodes_[at];
      const auto fields = rules_[node.rule].fields;
      look(node.place + 1);
      for (std::uint32_t i = 0; i <= node.place; ++i) {
        settled_[fields[i]] = 1;
        marked_.push_back(fields[i]);
      }
      const std::size_t field = fields[node.place];
      saved_.emplace_back(field, values_[field]);
      values_[field] = &alternatives_[field][node.alternative].value;
      changes_.push_back({field, node.alternative});
    }
    std::sort(changes_.begin(), changes_.end(), [](const FieldChange& a, const FieldChange& b) { return a.field < b.field; });
  }

  void take_out() {
    for (const auto& [field, value] : saved_) values_[field] = value;
    for (const std::size_t field : marked_) settled_[field] = 0;
  }

  /// One that is broken now: those that were at first, and those of the changed fields. The count of rules if none is.
  std::size_t broken_rule() {
    for (const std::size_t rule : broken_at_first_) {
      if (!holds(rule)) return rule;
    }
    for (const FieldChange& change : changes_) {
      for (const std::size_t rule : rules_of_[change.field]) {
        if (!holds(rule)) return rule;
      }
    }
    return rules_.size();
  }

  void branch(std::uint32_t parent, std::size_t rule) {
    const double likelihood = nodes_[parent].likelihood;
    const auto fields = rules_[rule].fields;
    look(fields.size());
    for (std::size_t place = 0; place < fields.size(); ++place) {
      const std::size_t field = fields[place];
      if (settled_[field] != 0) continue;
      for (std::size_t a = 0; a < alternatives_[field].size(); ++a) {
        const double product = likelihood * alternatives_[field][a].likelihood;
        if (product < kLeastLikelihood) continue;
        if (nodes_.size() >= kMostNodes) {
          spent_ = true;
          return;
        }
        look(kLooksOfANode);
        nodes_.push_back({product, parent, static_cast<std::uint32_t>(rule), static_cast<std::uint32_t>(place), static_cast<std::uint32_t>(a)});
        open_.push(static_cast<std::uint32_t>(nodes_.size() - 1));
      }
    }
  }

  void weigh(const std::vector<std::pair<double, std::vector<FieldChange>>>& found, JointChoice& choice) {
    double all = 0;
    std::vector<double> against(values_.size(), 0.0);
    const auto same = [](const FieldChange& a, const FieldChange& b) { return a.field == b.field && a.alternative == b.alternative; };
    for (const auto& [likelihood, changes] : found) {
      all += likelihood;
      // Fields of which this choice and the best say different things.
      for (const std::vector<FieldChange>* list : {&changes, static_cast<const std::vector<FieldChange>*>(&choice.changes)}) {
        const auto& others = list == &changes ? choice.changes : changes;
        for (const FieldChange& change : *list) {
          if (std::any_of(others.begin(), others.end(), [&](const FieldChange& other) { return same(change, other); })) continue;
          // Counted once if both changed it, each to something else.
          const bool both = std::any_of(others.begin(), others.end(), [&](const FieldChange& other) { return other.field == change.field; });
          if (!both || list == &changes) against[change.field] += likelihood;
        }
      }
    }
    for (std::size_t field = 0; field < against.size(); ++field) choice.agreement[field] = 1 - against[field] / all;
  }

  std::span<const TiedRule> rules_;
  const Alternatives& alternatives_;
  std::vector<const RuleValue*>& values_;
  SearchBudget& budget_;
  std::vector<std::vector<std::size_t>> rules_of_;  // by field
  std::vector<std::size_t> broken_at_first_;
  std::vector<Node> nodes_;
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, Later> open_{Later{&nodes_}};
  std::vector<char> settled_;  // by field
  std::vector<FieldChange> changes_;
  std::vector<std::size_t> marked_;
  std::vector<std::pair<std::size_t, const RuleValue*>> saved_;
  std::size_t since_checkpoint_ = 0;
  bool spent_ = false;
};

}  // namespace

JointChoice choose_jointly(std::span<const TiedRule> rules, const Alternatives& alternatives, std::vector<const RuleValue*>& values, SearchBudget& budget) {
  return Search(rules, alternatives, values, budget).run();
}

}  // namespace inkfield::pipeline
