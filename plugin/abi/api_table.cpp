// The one exported symbol and the table behind it. Functions are appended, never moved; tests/abi freezes
// offsets.
#include "plugin/abi/calls.h"

namespace {

namespace abi = inkfield::abi;

constexpr inkfield_api kTable = {
    sizeof(inkfield_api),    INKFIELD_ABI_MAJOR,    INKFIELD_VERSION,       abi::engine_create,
    abi::engine_retain,      abi::engine_release,   abi::engine_form_count, abi::engine_form,
    abi::engine_fault_count, abi::engine_fault,     abi::session_create,    abi::session_destroy,
    abi::read_page,          abi::result_destroy,   abi::result_page,       abi::result_field,
    abi::result_candidate,   abi::result_character, abi::result_json_text,  abi::check_template,
    abi::faults_count,       abi::faults_get,       abi::faults_destroy,    abi::get_extension,
    abi::result_rule,
};

}  // namespace

extern "C" INKFIELD_EXPORT const inkfield_api* inkfield_get_api(uint32_t abi_major) {
  return abi_major == INKFIELD_ABI_MAJOR ? &kTable : nullptr;
}
