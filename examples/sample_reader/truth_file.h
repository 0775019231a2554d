// truth.csv: what really stands on the pages of a folder, one row a field.
#pragma once

#include <string>
#include <vector>

struct TrueField {
  std::string id;
  std::string kind;
  std::string text;        ///< as written; "" if the field was left empty
  std::string normalized;  ///< ISO date, decimal amount, bare digits, "true" or "false"
};

struct TruePage {
  std::string file;
  std::string form;
  std::vector<TrueField> fields;
};

/// Pages in the file's order. Throws std::runtime_error naming the file and line.
std::vector<TruePage> read_truth(const std::string& path);

/// Whether two values are the same to the person who needs them: 1250 and 1250.00 are, 007 and 7 are not.
bool same_value(const std::string& read, const std::string& truth);
