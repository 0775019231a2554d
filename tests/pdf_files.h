// PDFs made by the tests themselves, from their objects.
#pragma once

#include <string>
#include <vector>

namespace inkfield::tests {

/// A file of objects 1 and up, with a table of where they begin; the first is the catalog.
std::string pdf_of(const std::vector<std::string>& objects, const std::string& trailer = "");

/// The objects of a document with pages of one inch by half an inch, the left half black; `catalog` and `page` are further entries of those.
std::vector<std::string> page_objects(int pages, const std::string& catalog = "", const std::string& page = "", const std::string& box = "0 0 72 36");

}  // namespace inkfield::tests
