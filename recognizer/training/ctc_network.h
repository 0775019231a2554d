// The network that Inkfield ships: small, fully convolutional, a line of ink in, class scores per frame out.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "recognizer/normalization.h"
#include "recognizer/training/layer_plan.h"
#include "recognizer/training/samples.h"

namespace inkfield::training {

/// [N,1,32,W] ink to [N,C,1,W/4] raw scores, C the channels of the last layer: for lines kFramesPerColumn frames of
/// kClassCount classes each.
class CtcNetworkImpl : public torch::nn::Module {
 public:
  CtcNetworkImpl(std::vector<LayerPlan> plan, double dropout);
  torch::Tensor forward(torch::Tensor ink);
  /// From here on dropout draws from its own generator, so that threads do not share one.
  void seed_dropout(std::uint64_t seed);
  /// Batch statistics no longer move nor act: reading sees what training sees.
  void freeze_statistics();
  /// From here on training computes in bfloat16, channels innermost; the weights, and all that evaluation
  /// computes, stay float32. For processors with instructions for it (AVX-512 BF16, AMX).
  void train_in_bfloat16();

  [[nodiscard]] const std::vector<LayerPlan>& plan() const { return plan_; }
  /// Weights of layer `i` with its batch norm folded in: [out,in,kh,kw] and [out].
  std::pair<torch::Tensor, torch::Tensor> folded(std::size_t layer) const;
  /// Where the folded weights of a layer go to: makes its batch norm the identity and hands out the tensors that
  /// then act as weight and bias, to be written into.
  struct FoldedLayer {
    torch::Tensor weight;
    torch::Tensor bias;
  };
  FoldedLayer folded_layer(std::size_t layer);
  /// Where its weights lie.
  [[nodiscard]] torch::Device device() const;

 private:
  /// The layer's convolution and what its batch norm does to it.
  torch::Tensor convolve(std::size_t layer, const torch::Tensor& x);

  std::vector<LayerPlan> plan_;
  double dropout_;
  bool frozen_ = false;
  bool bfloat16_ = false;
  at::Generator dropout_generator_;
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::BatchNorm2d> norms_;  // one fewer: the last layer has none
};
TORCH_MODULE(CtcNetwork);

/// A batch as the network takes it: inputs padded with paper to the widest.
struct Batch {
  torch::Tensor ink;             ///< [N,1,32,W]
  torch::Tensor targets;         ///< classes of all texts, one after the other
  torch::Tensor frame_counts;    ///< [N], kFramesPerColumn to a column
  torch::Tensor target_lengths;  ///< [N]
  std::vector<std::string> texts;
  torch::Tensor silent_marks;  ///< [N,1] bool: items whose marks are not labelled; undefined if there is none

  /// Moves what the network and the loss compute with; the counts stay with the processor.
  void move_to(torch::Device device);
};
Batch make_batch(const std::vector<Sample>& samples);

/// The output of a network for lines as frames: [N,kFramesPerColumn * W/4,kClassCount].
torch::Tensor frames_of(const torch::Tensor& scores);

/// CTC loss of each item of the batch, [N]. Where marks are not labelled, a frame that shows one counts as blank.
torch::Tensor ctc_losses(const torch::Tensor& scores, const Batch& batch);

/// log P(text) of one item by the CTC forward sum. `log_probabilities`: [frames][kClassCount].
double log_probability(const float* log_probabilities, int frames, const std::string& text);
/// The most likely class of each frame, repeats and blanks removed.
std::string greedy_text(const float* log_probabilities, int frames);

}  // namespace inkfield::training
