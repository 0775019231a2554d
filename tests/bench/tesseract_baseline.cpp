// inkfield-tesseract-baseline: the labelled handwriting that `inkfield eval` reads, read by Tesseract alone.
//
// Digits only (whitelist), each page mode that could suit tried and the best one reported, one OpenMP thread, the
// object kept open. Pictures are brought to the size that Tesseract likes best (digits about 36 px high) with a white margin; for
// dates in boxes the boxes stay, as a user of Tesseract alone would have them. Compared exactly as `inkfield eval` compares.
//
//   inkfield-tesseract-baseline [--data FOLDER] [--limit N] [--json]
//
// FOLDER defaults to INKFIELD_DATA. N items of MNIST's test part (1000).

#include <leptonica/allheaders.h>
#include <tesseract/baseapi.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "adapters/hosts/command_line/csv_file.h"
#include "adapters/hosts/command_line/evaluation.h"
#include "adapters/hosts/command_line/idx_file.h"
#include "adapters/hosts/command_line/terminal.h"

extern "C" void omp_set_max_active_levels(int levels);

namespace {

namespace fs = std::filesystem;
using namespace inkfield::command_line;

struct PixDeleter {
  void operator()(Pix* pix) const { pixDestroy(&pix); }
};
using PixPtr = std::unique_ptr<Pix, PixDeleter>;

struct LabelledPicture {
  std::string item;
  std::string truth;
  PixPtr picture;
};

struct PageMode {
  const char* name;
  tesseract::PageSegMode mode;
};
constexpr PageMode kPageModes[] = {{"single_character", tesseract::PSM_SINGLE_CHAR},
                                   {"single_word", tesseract::PSM_SINGLE_WORD},
                                   {"single_line", tesseract::PSM_SINGLE_LINE},
                                   {"raw_line", tesseract::PSM_RAW_LINE},
                                   {"single_block", tesseract::PSM_SINGLE_BLOCK}};

/// Scaled so that what is written is about `ink_height_px` of `written_height_px` now, on white with a margin.
PixPtr prepared(Pix* gray, double written_height_px) {
  constexpr double kInkHeightPx = 36;
  constexpr int kMarginPx = 16;
  const auto scale = static_cast<float>(kInkHeightPx / written_height_px);
  const PixPtr scaled(pixScale(gray, scale, scale));
  PixPtr framed(pixAddBorderGeneral(scaled.get(), kMarginPx, kMarginPx, kMarginPx, kMarginPx, 255));
  pixSetResolution(framed.get(), 300, 300);
  return framed;
}

std::vector<LabelledPicture> mnist(const fs::path& data, std::size_t limit) {
  const IdxImages images = read_idx_images(data / "mnist" / "t10k-images-idx3-ubyte.gz");
  const std::vector<std::uint8_t> labels = read_idx_labels(data / "mnist" / "t10k-labels-idx1-ubyte.gz");
  std::vector<LabelledPicture> pictures;
  for (std::size_t i = 0; i < std::min({limit, images.count, labels.size()}); ++i) {
    const PixPtr gray(pixCreate(images.width_px, images.height_px, 8));
    const auto ink = images.image(i);
    for (int y = 0; y < images.height_px; ++y) {
      for (int x = 0; x < images.width_px; ++x) {
        const auto at = static_cast<std::size_t>(y) * static_cast<std::size_t>(images.width_px) + static_cast<std::size_t>(x);
        pixSetPixel(gray.get(), x, y, 255u - ink[at]);
      }
    }
    pictures.push_back({std::to_string(i), truth_of_label(labels[i]), prepared(gray.get(), 20)});  // MNIST scales its digits to 20 px
  }
  return pictures;
}

std::vector<LabelledPicture> cheque_fields(const fs::path& data, const char* folder, const char* column, double ink_share) {
  const fs::path root = data / "idrbt_cheques";
  const CsvTable table = read_csv(root / "gt.csv");
  const std::size_t key = table.column("cheque");
  const std::size_t truth = table.column(column);
  std::vector<LabelledPicture> pictures;
  for (const CsvRow& row : table.rows) {
    const fs::path file = root / folder / (row.cells[key] + ".png");
    const PixPtr read(pixRead(file.c_str()));
    if (!read) throw DataError(file.string() + ": cannot be read");
    const PixPtr gray(pixConvertTo8(read.get(), 0));
    pictures.push_back({row.cells[key], row.cells[truth], prepared(gray.get(), pixGetHeight(gray.get()) * ink_share)});
  }
  return pictures;
}

struct Measured {
  std::string mode;
  Evaluation sum;
  double ms_per_item = 0;
};

Measured measure(tesseract::TessBaseAPI& tesseract, const PageMode& mode, const std::vector<LabelledPicture>& pictures) {
  tesseract.SetPageSegMode(mode.mode);
  std::vector<EvaluatedItem> items;
  const auto start = std::chrono::steady_clock::now();
  for (const LabelledPicture& picture : pictures) {
    tesseract.SetImage(picture.picture.get());
    const std::unique_ptr<char[]> text(tesseract.GetUTF8Text());
    EvaluatedItem item{picture.item, picture.truth, text ? text.get() : "", tesseract.MeanTextConf() / 100.0, false};
    while (!item.reading.empty() && item.reading.back() == '\n') item.reading.pop_back();
    items.push_back(std::move(item));
  }
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  return {mode.name, evaluate(items), pictures.empty() ? 0 : time.count() / static_cast<double>(pictures.size())};
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", share * 100);
  return text;
}

nlohmann::ordered_json json_of(const Measured& measured) {
  nlohmann::ordered_json json;
  json["page_mode"] = measured.mode;
  json["items"] = measured.sum.items;
  json["rated_items"] = measured.sum.rated_items;
  json["right"] = measured.sum.right;
  json["right_rate"] = measured.sum.right_rate;
  json["error_rate"] = measured.sum.error_rate;
  json["digit_right_rate"] = measured.sum.digit_right_rate;
  json["read_rate_at"] = nlohmann::ordered_json::array();
  for (const ReadRate& rate : measured.sum.read_rate_at) json["read_rate_at"].push_back({{"wrong_rate", rate.wrong_rate}, {"read_rate", rate.read_rate}});
  json["ms_per_item"] = measured.ms_per_item;
  return json;
}

int run(int argc, char** argv) {
  const char* from_environment = std::getenv("INKFIELD_DATA");
  fs::path data = from_environment == nullptr ? "" : from_environment;
  std::size_t limit = 1000;
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--json") == 0) {
      json = true;
    } else if (std::strcmp(argv[i], "--data") == 0 && i + 1 < argc) {
      data = argv[++i];
    } else if (std::strcmp(argv[i], "--limit") == 0 && i + 1 < argc && std::strtoul(argv[i + 1], nullptr, 10) > 0) {
      limit = std::strtoul(argv[++i], nullptr, 10);
    } else {
      std::cerr << "usage: inkfield-tesseract-baseline [--data FOLDER] [--limit N] [--json]\n";
      return 2;
    }
  }
  if (data.empty()) {
    std::cerr << "inkfield-tesseract-baseline: set INKFIELD_DATA or give --data\n";
    return 2;
  }
  omp_set_max_active_levels(0);  // Tesseract's loops ask for threads of their own; only this stops them
  setMsgSeverity(L_SEVERITY_NONE);
  tesseract::TessBaseAPI tesseract;
  if (tesseract.Init(nullptr, "eng", tesseract::OEM_LSTM_ONLY) != 0) {
    std::cerr << "inkfield-tesseract-baseline: Tesseract's data for \"eng\" is not there\n";
    return 2;
  }
  tesseract.SetVariable("tessedit_char_whitelist", "0123456789");
  tesseract.SetVariable("debug_file", "/dev/null");

  struct Set {
    const char* name;
    const char* ours;  ///< the field that `inkfield eval` reads it with
    std::vector<LabelledPicture> pictures;
  };
  std::vector<Set> sets;
  sets.push_back({"MNIST test digits", "digit.json", mnist(data, limit)});
  sets.push_back({"cheque dates in boxes", "date_ddmmyyyy_boxes.json", cheque_fields(data, "date", "date_ddmmyyyy", 0.5)});
  sets.push_back({"cheque amounts", "amount.json", cheque_fields(data, "amount", "amount_digits", 0.5)});

  nlohmann::ordered_json document = {{"tesseract", tesseract::TessBaseAPI::Version()}, {"sets", nlohmann::ordered_json::array()}};
  std::vector<std::vector<TableCell>> rows = {{{"SET"}, {"ITEMS"}, {"BEST PAGE MODE"}, {"RIGHT"}, {"DIGITS RIGHT"}, {"READ AT 1 % WRONG"}, {"MS AN ITEM"}}};
  for (const Set& set : sets) {
    Measured best;
    nlohmann::ordered_json modes = nlohmann::ordered_json::array();
    for (const PageMode& mode : kPageModes) {
      Measured measured = measure(tesseract, mode, set.pictures);
      modes.push_back(json_of(measured));
      const auto rank = [](const Measured& m) { return std::pair(m.sum.right_rate, m.sum.digit_right_rate); };
      if (best.mode.empty() || rank(measured) > rank(best)) best = std::move(measured);
    }
    nlohmann::ordered_json entry = {{"set", set.name}, {"field", set.ours}, {"best", json_of(best)}, {"modes", modes}};
    document["sets"].push_back(entry);
    char ms[32];
    std::snprintf(ms, sizeof ms, "%.2f", best.ms_per_item);
    rows.push_back({{set.name}, {std::to_string(best.sum.items)}, {best.mode}, {percent(best.sum.right_rate)},
                    {percent(best.sum.digit_right_rate)}, {percent(best.sum.read_rate_at[3].read_rate)}, {ms}});
  }
  if (json) {
    std::cout << document.dump(2) << '\n';
  } else {
    std::cout << "Tesseract " << tesseract::TessBaseAPI::Version() << " alone, digits only, one OpenMP thread\n";
    write_table(std::cout, rows, {1, 3, 4, 5, 6}, "", false);
  }
  return std::cout.flush() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "inkfield-tesseract-baseline: " << error.what() << '\n';
    return 1;
  }
}
