// Puts a document and its result where people and programs look for them, so that neither is ever half there and
// nothing that lies there already is lost.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <system_error>

namespace inkfield::watch_folder {

/// `name` with "-2", "-3"... before its ending; `name` itself for 1. Long names are cut between UTF-8 characters so that the
/// endings of result and reason files still fit.
std::string numbered_name(const std::string& name, int number);

/// Moves without ever replacing what is there. False if `to` exists. Copies if `to` is on another file system. Throws
/// std::system_error.
bool move_without_replacing(const std::filesystem::path& from, const std::filesystem::path& to);

/// Writes under another name, flushes to disk, then gives it its name. False if `path` exists. Throws std::system_error.
bool write_without_replacing(const std::filesystem::path& path, const std::string& text);

/// Writes under another name, flushes to disk, then gives it its name, whatever was there before. Throws std::system_error.
void write_replacing(const std::filesystem::path& path, const std::string& text);

/// Nothing more can be written for now: the disk is full, or this user's share of it is.
bool is_disk_full(const std::error_code& error);

/// What is put where a document goes.
struct Filing {
  std::filesystem::path document;  ///< in its claim
  std::filesystem::path folder;
  std::string name;                ///< wanted in `folder`; a number is added to it if it is taken
  std::string result_json;
  std::string result_beginning;    ///< a result file that begins so is this document's, put there by a run that ended early
  std::string reasons;             ///< "": no file of reasons
  std::filesystem::path pictures = {};  ///< a folder with pictures for a person, in the claim; "" or not there: none
  std::function<void(const std::string&)> pictures_lost = {};  ///< told why pictures could not be put there; the document goes on without them
};

/// Files a document as FOLDER/name, its result as FOLDER/name.json and, if there are any, its reasons as FOLDER/name.reason.txt; another number is
/// taken until none of them exists. Pictures go to FOLDER/name.pictures, whole or not at all; those in the claim stay there. The document is moved
/// last: as long as it lies in its claim, it is not done. After a run that ended anywhere between, the same files are completed and nothing is there
/// twice. Returns the name it got. Throws std::system_error and leaves the document where it was.
std::string file_document(const Filing& filing);

/// The name under which a document has been filed whose claim holds no document any more; "" if none is found.
std::string filed_name(const Filing& filing);

}  // namespace inkfield::watch_folder
