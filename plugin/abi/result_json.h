// The typed result as JSON under config/schema/result.schema.json.
#pragma once

#include <string>

#include "plugin/page/page_result.h"

namespace inkfield::abi {

/// One object on one line.
std::string result_json(const page::PageResult& result);

const char* page_state_name(page::PageState state);
const char* field_state_name(page::FieldState state);

}  // namespace inkfield::abi
