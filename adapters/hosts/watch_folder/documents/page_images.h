// From a document to image files that the plugin opens. A PDF is turned into one picture a page by poppler's programs, which
// run apart from us with limits on time, memory and file size: a PDF is a program of somebody else's, and may be a bad one.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <vector>

namespace inkfield::watch_folder {

struct PageLimits {
  int dpi = 300;           ///< at which PDF pages are drawn; what offices scan at
  int most_pages = 500;
  std::int64_t most_page_pixels = 200'000'000;        ///< the plugin's own budget
  std::chrono::seconds time_limit{300};               ///< for the whole document
  std::uint64_t memory_limit_bytes = 1ULL << 30;      ///< address space of each program; a page of A3 at 600 dpi takes 280 MB as colours
  bool active_content = false;                        ///< true: PDFs with JavaScript, launch actions or files in them are read too
  std::function<bool()> stopping;                     ///< asked some times a second; true ends the work
};

/// The document cannot be turned into pages; what() is the reason for its file in failed/.
class DocumentError : public std::runtime_error {
  using runtime_error::runtime_error;
};

/// A file that is about to be read begins with %PDF- (within its first 1,024 bytes, as readers allow). False if it cannot be read.
bool is_pdf(const std::filesystem::path& document);

/// The pages in order, as files below `scratch`, an existing folder that the caller empties afterwards. What is no PDF is handed
/// back as it is: the plugin opens it, all its pages. Nothing in a PDF is ever run; one that holds something to run is refused
/// all the same, for no scanner makes such a thing. Throws DocumentError: locked by a password, damaged, no page, too many
/// pages, a page too large, too slow, poppler-utils not installed.
std::vector<std::filesystem::path> page_images_of(const std::filesystem::path& document, const std::filesystem::path& scratch,
                                                  const PageLimits& limits);

/// The pages of a PDF that page_images_of has left in `scratch`, by their number from 1; none for what is no PDF.
std::map<int, std::filesystem::path> drawn_pages(const std::filesystem::path& scratch);

}  // namespace inkfield::watch_folder
