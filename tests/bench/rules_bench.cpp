// inkfield-rules-bench [PAGES [SEED]]: what rules across fields catch and mend, and whether they do harm.
//
// Expense claims (examples/rules) are drawn, filled in by the handwriting synthesizer so that every rule is kept, scanned badly, and read
// twice by the same network: without the template's rules and with them. Counted are fields whose reading was wrong and is right now,
// was right and is wrong now, and the wrong ones among the accepted before and after. Exit status 1 if rules accepted anything
// that was not accepted without them, or turned a right accepted answer into a wrong accepted one.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/template_loader.h"
#include "plugin/pipeline/form_reader.h"
#include "tests/generator/degradation.h"
#include "tests/generator/form_printing.h"
#include "tests/generator/form_writing.h"

namespace {

using namespace inkfield;
using generator::FieldValue;
using generator::Random;

constexpr int kLines = 6;

std::string padded(std::int64_t value, std::size_t width) {
  std::string text = std::to_string(value);
  return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}
std::string money(std::int64_t cents) { return std::to_string(cents / 100) + "." + padded(cents % 100, 2); }

std::vector<std::pair<std::string, std::string>> cost_centres() {
  std::ifstream file(INKFIELD_RULES_EXAMPLE "/cost_centres.csv");
  std::vector<std::pair<std::string, std::string>> rows;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) rows.emplace_back(line.substr(0, 2), line.substr(3));
  return rows;
}

/// A claim that keeps every rule.
std::map<std::string, FieldValue> claim(Random& random) {
  std::map<std::string, FieldValue> values;
  const auto put = [&](const std::string& id, const std::string& written, const std::string& normalized) {
    values[id] = {id, config::FieldKind::handwritten_number, written, normalized};
  };
  const auto digits = [&](std::size_t count) {
    std::string text;
    while (text.size() < count) text += static_cast<char>('0' + random.integer(0, 9));
    return text;
  };
  const std::string bank = digits(8);
  const std::string account = digits(10);
  int rest = 0;
  for (const char c : bank + account) rest = (rest * 10 + (c - '0')) % 97;
  const std::string check = padded(98 - rest * 100 % 97, 2);
  put("bank_code", bank, bank);
  put("account", account, account);
  put("check", check, check);
  const int day = random.integer(1, 28);
  const int month = random.integer(1, 12);
  const int later = random.integer(day, 28);
  put("spent_on", padded(day, 2) + padded(month, 2) + "2025", "2025-" + padded(month, 2) + "-" + padded(day, 2));
  put("claimed_on", padded(later, 2) + padded(month, 2) + "2025", "2025-" + padded(month, 2) + "-" + padded(later, 2));
  static const auto rows = cost_centres();
  const auto& row = rows[static_cast<std::size_t>(random.integer(0, static_cast<int>(rows.size()) - 1))];
  put("department", row.first, row.first);
  put("cost_centre", row.second, row.second);
  const int lines = random.integer(2, kLines);
  std::int64_t sum = 0;
  for (int i = 1; i <= kLines; ++i) {
    const std::int64_t cents = i > lines ? 0 : random.integer(200, random.chance(0.3) ? 999'99 : 99'99);
    put("line" + std::to_string(i), i > lines ? "" : money(cents), i > lines ? "" : money(cents));
    sum += cents;
  }
  const std::int64_t advance = random.chance(0.4) ? random.integer(100, static_cast<int>(sum) / 2) : 0;
  put("advance", advance > 0 ? money(advance) : "", advance > 0 ? money(advance) : "");
  put("total", money(sum - advance), money(sum - advance));
  put("total_again", money(sum - advance), money(sum - advance));
  return values;
}

page::Page drawn(const config::FormTemplate& form, const std::map<std::string, FieldValue>& values, std::uint64_t seed) {
  Random scanner(seed, "scan", 0);
  const generator::Scan scan = generator::random_scan(generator::Severity::bad, 0, scanner);
  generator::Canvas canvas(form.width_mm, form.height_mm, scan.placement, generator::kWhite);
  const generator::PrintStyle style;
  generator::print_marks(form, style, canvas);
  std::vector<FieldValue> list;
  for (const config::Field& field : form.fields) {
    generator::print_field(field, style, canvas);
    list.push_back(values.at(field.id));
  }
  // The laboratory's sheet is the one with no words and signatures of its own.
  generator::write_on_form(generator::SampleForm::lab, form, list, scan.faint_pen, seed, canvas);
  generator::Picture picture = canvas.picture();
  generator::degrade(picture, generator::Severity::bad, scan, scanner);
  generator::to_gray(picture);
  page::Page page;
  page.gray = page::GrayImage(picture.width_px, picture.height_px);
  for (int y = 0; y < picture.height_px; ++y) {
    for (int x = 0; x < picture.width_px; ++x) page.gray.row(y)[x] = picture.row(y)[x * picture.channels];
  }
  return page;
}

struct Counts {
  int fields = 0;
  int wrong = 0;
  int accepted = 0;
  int accepted_wrong = 0;
  void add(const page::FieldResult& field, const std::string& truth) {
    ++fields;
    const bool is_wrong = field.normalized != truth;
    const bool taken = field.state == page::FieldState::accepted || field.state == page::FieldState::empty;
    wrong += is_wrong ? 1 : 0;
    accepted += taken ? 1 : 0;
    accepted_wrong += taken && is_wrong ? 1 : 0;
  }
  void print(const char* name) const { std::printf("%-14s %6d fields  %5d wrong  %6d accepted  %4d accepted wrong\n", name, fields, wrong, accepted, accepted_wrong); }
};

int run(int pages, std::uint64_t seed) {
  const auto loaded = config::load_template_file(INKFIELD_RULES_EXAMPLE "/expense_claim.json");
  if (!loaded.ok()) throw std::runtime_error(loaded.faults[0].message);
  const config::FormTemplate& with_rules = loaded.values[0];
  config::FormTemplate without_rules = with_rules;
  without_rules.rules.clear();
  const auto network = std::make_shared<const recognizer::Network>(recognizer::Network::from_file(INKFIELD_BENCH_MODEL));
  const auto numbers = std::make_shared<const recognizer::NumberReader>(network);
  const auto reader_of = [&](const config::FormTemplate& form) {
    auto catalogue = std::make_shared<pipeline::FormCatalogue>(numbers, nullptr);
    catalogue->add(form);
    return std::make_unique<pipeline::FormReader>(catalogue, pipeline::FieldEngines{});
  };
  const auto plain = reader_of(without_rules);
  const auto ruled = reader_of(with_rules);
  Counts before;
  Counts after;
  std::map<std::string, std::map<std::string, int>> states;
  int unread = 0;
  int mended = 0;
  int spoiled = 0;
  int harm = 0;
  double plain_ms = 0;
  double ruled_ms = 0;
  const auto timed = [](double& ms, const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    auto result = work();
    ms += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return result;
  };
  for (int i = 0; i < pages; ++i) {
    Random random(seed, "claim", static_cast<std::uint64_t>(i));
    const auto truth = claim(random);
    const page::Page page = drawn(with_rules, truth, seed * 1'000'003 + static_cast<std::uint64_t>(i));
    pipeline::ReadRequest request;
    request.today = "2026-01-15";
    const page::PageResult a = timed(plain_ms, [&] { return plain->read_page(page, request); });
    const page::PageResult b = timed(ruled_ms, [&] { return ruled->read_page(page, request); });
    if (a.state != page::PageState::read || b.state != page::PageState::read) {
      ++unread;
      continue;
    }
    for (std::size_t f = 0; f < a.fields.size(); ++f) {
      const page::FieldResult& was = a.fields[f];
      const page::FieldResult& is = b.fields[f];
      const std::string& right = truth.at(was.id).normalized;
      before.add(was, right);
      after.add(is, right);
      mended += was.normalized != right && is.normalized == right ? 1 : 0;
      spoiled += was.normalized == right && is.normalized != right ? 1 : 0;
      const auto taken = [](const page::FieldResult& field) { return field.state == page::FieldState::accepted || field.state == page::FieldState::empty; };
      harm += taken(is) && (!taken(was) || is.normalized != was.normalized || is.confidence > was.confidence) ? 1 : 0;
    }
    constexpr const char* kStates[] = {"kept", "mended", "broken", "not applied"};
    for (const page::RuleResult& rule : b.rules) ++states[rule.name][kStates[static_cast<int>(rule.state)]];
  }
  std::printf("%d pages, %d of them not found\n", pages, unread);
  before.print("without rules");
  after.print("with rules");
  std::printf("readings wrong before and right now: %d; right before and wrong now (all sent to a person): %d; made surer: %d\n", mended, spoiled, harm);
  std::printf("time with rules by time without: %.3f\n", ruled_ms / plain_ms);
  for (const auto& [name, counts] : states) {
    std::printf("  %-34s", name.c_str());
    for (const auto& [state, count] : counts) std::printf("  %s %d", state.c_str(), count);
    std::printf("\n");
  }
  return harm == 0 && after.accepted_wrong <= before.accepted_wrong ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc > 1 ? std::atoi(argv[1]) : 60, argc > 2 ? static_cast<std::uint64_t>(std::atoi(argv[2])) : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "inkfield-rules-bench: %s\n", error.what());
    return 2;
  }
}
