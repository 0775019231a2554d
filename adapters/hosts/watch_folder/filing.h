// Puts a document and its result where people and programs look for them, so that neither is ever half there and
// nothing that lies there already is lost.
#pragma once

#include <filesystem>
#include <string>

namespace inkfield::watch_folder {

/// `name` with "-2", "-3"... before its ending; `name` itself for 1. Long names are cut between UTF-8 characters so that the
/// endings of result and reason files still fit.
std::string numbered_name(const std::string& name, int number);

/// Moves without ever replacing what is there. False if `to` exists. Copies if `to` is on another file system. Throws
/// std::system_error.
bool move_without_replacing(const std::filesystem::path& from, const std::filesystem::path& to);

/// Writes under another name, flushes to disk, then gives it its name. False if `path` exists. Throws std::system_error.
bool write_without_replacing(const std::filesystem::path& path, const std::string& text);

/// Files the document `document` (in the working folder) as FOLDER/name, its result as FOLDER/name.json and, if there are any,
/// its reasons as FOLDER/name.reason.txt; another number is taken until none of the three exists. The document is moved last:
/// as long as it lies in the working folder, it is not done. Returns the name it got. Throws std::system_error and leaves
/// the document where it was.
std::string file_document(const std::filesystem::path& document, const std::filesystem::path& folder,
                          const std::string& name, const std::string& result_json, const std::string& reasons);

}  // namespace inkfield::watch_folder
