// A watched folder's outputs from its part of the configuration file.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/hosts/watch_folder/outputs/output.h"

namespace Poco::Util {
class AbstractConfiguration;
}

namespace inkfield::watch_folder {

/// Keys, all below folder.NAME; relative paths start at `base`:
///
///   outputs = csv, sqlite, postgresql, command    any of them; without the key there are none
///   csv.file            the file; FILE.journal beside it is ours too
///   csv.rows            fields (one row a field; the default) or pages (one row a page)
///   csv.columns         for pages: field ids, with commas between
///   csv.separator       comma (the default), semicolon or tab
///   sqlite.file
///   postgresql.connection   host=/run/postgresql dbname=post user=inkfield; also port and password. What else libpq knows (sslmode)
///                       goes into its environment variables (PGSSLMODE)
///   command.program     an absolute path, or a name looked for in PATH
///   command.arguments   see split_arguments in command_output.h
///   command.environment NAME=value, split in the same way
///   command.time_limit_s    60
///
/// Throws std::invalid_argument naming the key: one that is unknown, missing or belongs to an output that is not asked for, or
/// a bad value.
std::vector<std::unique_ptr<Output>> make_outputs(const Poco::Util::AbstractConfiguration& folder_view, const std::filesystem::path& base);

/// Files that these outputs write, for the check that none lies in a watched folder. Throws as make_outputs does, but looks at
/// no file.
std::vector<std::filesystem::path> output_files(const Poco::Util::AbstractConfiguration& folder_view, const std::filesystem::path& base);

/// A key's value as it may be shown: without the password of a connection.
std::string shown_value(const std::string& key, const std::string& value);

}  // namespace inkfield::watch_folder
