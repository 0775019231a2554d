// Tesseract behind page::FieldReader.
#include "adapters/engines/tesseract/printed_text.h"

#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>
#include <tesseract/resultiterator.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/engines/tesseract/reading_curves.h"
#include "adapters/engines/tesseract/zone_preparation.h"
#include "recognizer/error.h"

#ifdef INKFIELD_HAVE_GNU_OPENMP
extern "C" int omp_get_max_active_levels(void);
extern "C" void omp_set_max_active_levels(int);
#endif

namespace inkfield::tesseract {
namespace {

/// Tesseract's loops ask for a fixed number of threads; with no active level they run in the calling one. The
/// setting belongs to the calling thread, so the host's is put back.
class OneThread {
 public:
#ifdef INKFIELD_HAVE_GNU_OPENMP
  OneThread() : before_(omp_get_max_active_levels()) { omp_set_max_active_levels(0); }
  ~OneThread() { omp_set_max_active_levels(before_); }
#else
  OneThread() = default;
  ~OneThread() = default;
#endif
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  [[maybe_unused]] int before_ = 0;
};

/// Characters 32 pixels high: the line recognizer sees 36 rows, more gains nothing.
constexpr Look kFirstLook{32, 0.6};
constexpr Look kSecondLook{44, 0.35};
/// Free text: one line of it is a strip, several are a block of this height. Measured on words that Tesseract looked
/// for itself (FUNSD, every 20th of its training part): 32 reads 76.7 %, 36 77.3 %, 40 76.4 %.
constexpr Look kTextLook{36, 0.6, 12, true};
/// Tesseract's confidence of its least certain word, 0 to 100, from which one look is enough. Measured on
/// fields narrowed by characters and length: 1 wrong of 428 (words of scanned faxes), 0 wrong of 598 (drawn
/// print, blurred and noisy).
constexpr double kSure = 95;

/// Looks that disagree: of 165 whose better one fitted the format 70 were right (`inkfield-printed-numbers --fit`).
constexpr double kMostWhenDisagreeing = 0.42;

std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return c == ' '; });
  return text;
}

struct Symbol {
  std::string text;
  double confidence = 0;
  page::Quad quad{};
};

struct Attempt {
  std::string text;
  double confidence = 0;   ///< of the least certain word, 0 to 100
  double probability = 0;  ///< that all words are right, as free text: one word's chance times the next one's
  std::vector<Symbol> symbols;
};

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  const auto first = std::find_if_not(text.begin(), text.end(), blank);
  text.erase(text.begin(), first);
  return text;
}

std::uint32_t first_codepoint(std::string_view utf8) {
  if (utf8.empty()) return 0;
  const auto byte = [&](std::size_t i) {
    return i < utf8.size() ? static_cast<unsigned char>(utf8[i]) & 63U : 0U;
  };
  const auto first = static_cast<unsigned char>(utf8[0]);
  if (first < 0x80) return first;
  if (first < 0xE0) return (first & 31U) << 6U | byte(1);
  if (first < 0xF0) return (first & 15U) << 12U | byte(1) << 6U | byte(2);
  return (first & 7U) << 18U | byte(1) << 12U | byte(2) << 6U | byte(3);
}

/// The characters that the field's format can hold; "" for all.
std::string whitelist_of(const config::FieldFormat& format) {
  using config::FormatType;
  constexpr const char* kDigits = "0123456789";
  switch (format.type) {
    case FormatType::digits:
      return kDigits;
    case FormatType::date:
      return kDigits + format.date_separators;
    case FormatType::zip:
      return std::string(kDigits) + "-";
    case FormatType::phone:
      return std::string(kDigits) + "-./()+";
    case FormatType::pattern:
      return std::string(kDigits) + ",.-/=";
    case FormatType::amount: {
      std::string all = std::string(kDigits) + ",." + format.decimal_mark;
      for (const std::string& terminator : format.terminators) all += terminator;
      return all;
    }
    case FormatType::text:
      return format.characters;
  }
  return "";
}

bool mixes_letters_and_digits(const std::string& whitelist) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  return whitelist.empty() || (std::any_of(whitelist.begin(), whitelist.end(), digit) &&
                               std::any_of(whitelist.begin(), whitelist.end(), letter));
}

/// Passes the host's wish to stop into Tesseract and an exception back out.
struct Stop {
  const page::ReadContext* context;
  std::exception_ptr thrown;
  static bool wanted(void* self, int /*words*/) {
    auto* stop = static_cast<Stop*>(self);
    try {
      stop->context->checkpoint();
      return false;
    } catch (...) {  // must not pass through Tesseract's frames
      stop->thrown = std::current_exception();
      return true;
    }
  }
};

class PrintedTextReader final : public page::FieldReader {
 public:
  explicit PrintedTextReader(PrintedTextSettings settings) : settings_(std::move(settings)) {}

  page::Reading read(const page::FieldCrop& crop, const page::ReadContext& context) override {
    page::Reading reading;
    const std::string whitelist = crop.field == nullptr ? "" : whitelist_of(crop.field->format);
    const bool only_characters =
        !whitelist.empty() && std::all_of(whitelist.begin(), whitelist.end(), [](char c) {
          return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        });
    // Free text in a zone of a page, where the template keeps frames and labels out of it.
    const bool page_text = whitelist.empty() && crop.px_per_mm > 0;
    const auto kept = std::make_shared<const PreparedZone>(prepare_zone(crop, only_characters, page_text ? kTextLook : kFirstLook));
    const PreparedZone& zone = *kept;
    context.checkpoint();
    if (zone.blank) {
      reading.empty_probability = 0.99;
      reading.threshold = 1 - allowed_wrong_rate(crop);
      return reading;
    }
    if (context.explain) context.explain("printed", zone.picture);
    if (zone.text_lines <= 1 && !whitelist.empty()) {
      reading.prepared.picture = std::shared_ptr<const page::GrayImage>(kept, &kept->picture);
      reading.prepared.in_crop = [kept](double x, double y) { return kept->in_crop(x, y); };
    }
    const OneThread one_thread;
    start();
    api_->SetVariable("tessedit_char_whitelist", whitelist.c_str());
    std::vector<Attempt> attempts;
    const ::tesseract::PageSegMode mode = zone.strip            ? ::tesseract::PSM_RAW_LINE
                                          : zone.text_lines > 1 ? ::tesseract::PSM_SINGLE_BLOCK
                                                                : ::tesseract::PSM_SINGLE_LINE;
    attempts.push_back(recognize(zone, mode, context));
    // Free text is looked at once: on words of scanned forms a second look gave 0.2 points for an eighth more time.
    if (!page_text && attempts.front().confidence < kSure) {
      const PreparedZone larger = prepare_zone(crop, only_characters, kSecondLook);
      attempts.push_back(recognize(larger, mode, context));
    }
    const bool agree =
        attempts.size() == 1 || without_blanks(attempts[0].text) == without_blanks(attempts[1].text);
    const double least = attempts.size() == 1 ? attempts[0].confidence
                                              : std::min(attempts[0].confidence, attempts[1].confidence);
    std::stable_sort(attempts.begin(), attempts.end(),
                     [](const Attempt& a, const Attempt& b) { return a.confidence > b.confidence; });
    const Attempt& best = attempts.front();
    reading.raw_text = best.text;
    const bool mixed = mixes_letters_and_digits(whitelist);
    reading.threshold = page_text ? 1 - allowed_wrong_rate(crop) : shaped_threshold(allowed_wrong_rate(crop), mixed);
    if (best.text.empty()) {
      reading.doubt = "something is printed, but no text was recognized";
      return reading;
    }
    if (page_text) {
      reading.confidence = best.probability;
    } else {
      reading.confidence = agree ? shaped_probability(least, mixed)
                                 : std::min(kMostWhenDisagreeing, shaped_probability(best.confidence, mixed));
    }
    if (settings_.plain_figures) reading.confidence = least / 100;
    for (const Attempt& attempt : attempts) {
      const bool known = std::any_of(reading.candidates.begin(), reading.candidates.end(),
                                     [&](const page::ReadingCandidate& c) { return c.text == attempt.text; });
      if (!known && !attempt.text.empty())
        reading.candidates.push_back({attempt.text, page_text ? attempt.probability : shaped_probability(attempt.confidence, mixed)});
    }
    for (const Symbol& symbol : best.symbols) {
      reading.characters.push_back(
          {first_codepoint(symbol.text), page_text ? word_probability(symbol.text, symbol.confidence) : shaped_probability(symbol.confidence, mixed), symbol.quad});
    }
    return reading;
  }

 private:
  static double allowed_wrong_rate(const page::FieldCrop& crop) {
    return crop.field == nullptr ? 0.01 : crop.field->allowed_wrong_rate;
  }

  /// Takes 50 to 60 ms and 11 to 18 MB, so only sessions that meet printed text pay for it.
  void start() {
    if (api_) return;
    // Its parameters with process-wide homes are set while it starts; two sessions must not do that at once.
    static std::mutex starting;
    const std::scoped_lock lock(starting);
    auto api = std::make_unique<::tesseract::TessBaseAPI>();
    std::vector<std::string> names{"tessedit_do_invert"};
    std::vector<std::string> values{"0"};  // print is dark on light here, whatever the scan was
    if (!settings_.keep_messages) {
      names.emplace_back("debug_file");
      values.emplace_back("/dev/null");
    }
    if (api->Init(settings_.tessdata_folder.c_str(), settings_.languages.c_str(), ::tesseract::OEM_LSTM_ONLY,
                  nullptr, 0, &names, &values, false) != 0) {
      throw Error(ErrorKind::unavailable, "Tesseract does not start with " + settings_.languages + " from " +
                                              settings_.tessdata_folder);
    }
    api_ = std::move(api);
  }

  Attempt recognize(const PreparedZone& zone, ::tesseract::PageSegMode mode,
                    const page::ReadContext& context) {
    Attempt attempt;
    api_->SetPageSegMode(mode);
    const page::GrayImage& picture = zone.picture;
    api_->SetImage(picture.pixels.data(), picture.width_px, picture.height_px, 1, picture.width_px);
    api_->SetSourceResolution(300);  // of its own picture; without it Tesseract guesses and says so on stderr
    Stop stop{&context, nullptr};
    ::tesseract::ETEXT_DESC monitor;
    monitor.cancel = &Stop::wanted;
    monitor.cancel_this = &stop;
    const int failed = api_->Recognize(&monitor);
    if (stop.thrown) {
      api_->Clear();
      std::rethrow_exception(stop.thrown);
    }
    context.checkpoint();
    if (failed == 0) collect(zone, attempt);
    api_->Clear();
    return attempt;
  }

  void collect(const PreparedZone& zone, Attempt& attempt) {
    const std::unique_ptr<::tesseract::ResultIterator> at(api_->GetIterator());
    if (!at) return;
    attempt.confidence = 100;
    attempt.probability = 1;
    do {
      const std::unique_ptr<char[]> word(at->GetUTF8Text(::tesseract::RIL_WORD));
      if (!word || trimmed(word.get()).empty()) continue;
      if (!attempt.text.empty()) attempt.text += at->IsAtBeginningOf(::tesseract::RIL_TEXTLINE) ? '\n' : ' ';
      attempt.text += trimmed(word.get());
      const double figure = at->Confidence(::tesseract::RIL_WORD);
      attempt.confidence = std::min(attempt.confidence, figure);
      attempt.probability *= word_probability(trimmed(word.get()), figure);
    } while (at->Next(::tesseract::RIL_WORD));
    if (attempt.text.empty()) attempt.confidence = attempt.probability = 0;
    at->Begin();
    do {
      const std::unique_ptr<char[]> text(at->GetUTF8Text(::tesseract::RIL_SYMBOL));
      int left = 0;
      int top = 0;
      int right = 0;
      int bottom = 0;
      if (!text || trimmed(text.get()).empty() ||
          !at->BoundingBox(::tesseract::RIL_SYMBOL, &left, &top, &right, &bottom))
        continue;
      attempt.symbols.push_back({text.get(), at->Confidence(::tesseract::RIL_SYMBOL),
                                 page::Quad{zone.in_crop(left, top), zone.in_crop(right, top),
                                            zone.in_crop(right, bottom), zone.in_crop(left, bottom)}});
    } while (at->Next(::tesseract::RIL_SYMBOL));
  }

  PrintedTextSettings settings_;
  std::unique_ptr<::tesseract::TessBaseAPI> api_;
};

}  // namespace

std::unique_ptr<page::FieldReader> make_printed_text_reader(PrintedTextSettings settings) {
  return std::make_unique<PrintedTextReader>(std::move(settings));
}

}  // namespace inkfield::tesseract
