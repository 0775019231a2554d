// Weights back out of a model file, so that training can go on from what ships when no checkpoint is at hand.
#pragma once

#include <filesystem>

namespace inkfield::training {

class CtcNetworkImpl;

/// Sets the weights of `network` to those of an ONNX file that `to_onnx` wrote for the same plan. The file's batch
/// norms are folded into its convolutions; each norm of `network` becomes the identity plus the bias, which holds
/// only while its statistics stand still: freeze them before training goes on. Throws Error(invalid_model) naming
/// the layer that does not fit, or Error(io_error).
void read_weights(const std::filesystem::path& onnx_file, CtcNetworkImpl& network);

}  // namespace inkfield::training
