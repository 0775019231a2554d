// What a network file is, as JSON for people and scripts.
#pragma once

#include "inkfield/inkfield.h"

namespace inkfield::abi {

const inkfield_model_api& model_api();

}  // namespace inkfield::abi
