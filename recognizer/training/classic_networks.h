// The networks that this field began with, as their papers describe them.
//
// LeCun, Boser, Denker, Henderson, Howard, Hubbard, Jackel: Backpropagation applied to handwritten zip code
// recognition, Neural Computation 1(4), 1989. LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to
// document recognition, Proceedings of the IEEE 86(11), 1998.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>

namespace inkfield::training {

/// A network that sees one digit and answers with ten numbers, the largest for the likeliest digit.
class ClassicNetworkImpl : public torch::nn::Module {
 public:
  /// [N,1,side,side] to [N,10], what the paper's last layer gives.
  virtual torch::Tensor forward(torch::Tensor ink) = 0;
  /// The paper's criterion, mean over the batch.
  virtual torch::Tensor loss(const torch::Tensor& outputs, const torch::Tensor& labels) const = 0;
  /// What a softmax turns into probabilities, up to one factor for all.
  [[nodiscard]] virtual torch::Tensor scores(const torch::Tensor& outputs) const = 0;
  /// The ONNX model; its scores are those above times `sharpness`.
  [[nodiscard]] virtual std::string onnx(const std::map<std::string, std::string>& metadata,
                                         float sharpness) const = 0;
};

/// 1989: 16 x 16 in, H1 of 12 maps 8 x 8, H2 of 12 maps 4 x 4, each map seeing 8 of the 12 before it, both by 5 x 5 weights
/// in steps of 2 with one bias for every unit, 30 hidden units, 10 outputs, all through 1.7159 tanh(2/3 x). Beyond
/// the border lies paper (-1). Trained to -1 and 1 by squared error. The paper does not say which maps of H1 each
/// map of H2 sees: here the first four see 0 to 7, the next four 4 to 11, the last four 8 to 11 and 0 to 3.
class Zip1989Impl : public ClassicNetworkImpl {
 public:
  Zip1989Impl();
  torch::Tensor forward(torch::Tensor ink) override;
  torch::Tensor loss(const torch::Tensor& outputs, const torch::Tensor& labels) const override;
  [[nodiscard]] torch::Tensor scores(const torch::Tensor& outputs) const override { return outputs; }
  [[nodiscard]] std::string onnx(const std::map<std::string, std::string>& metadata, float sharpness) const override;

 private:
  torch::Tensor weight1_, bias1_, weight2_, bias2_, weight3_, bias3_, weight4_, bias4_;
  torch::Tensor links_;  // [12,12,1,1], 1 where a map of H2 sees one of H1
};

/// 1998, LeNet-5: 32 x 32 in, C1 of 6 maps, S2 halving with a trainable coefficient and bias for each map, C3 of 16
/// maps by the paper's table, S4, C5 of 120, F6 of 84, all through 1.7159 tanh(2/3 x); outputs are squared distances to
/// ten fixed codes of 7 x 12 black and white pixels that look like the digits. Trained by the paper's discriminative
/// criterion (its equation 9, j = 0.1). The codes are our drawing: the paper prints its own only as a picture.
/// As all codes are equally long, -distance and 2 * code * F6 differ by the same for every class, so the exported
/// last layer is that product.
class LeNet5Impl : public ClassicNetworkImpl {
 public:
  LeNet5Impl();
  torch::Tensor forward(torch::Tensor ink) override;
  torch::Tensor loss(const torch::Tensor& outputs, const torch::Tensor& labels) const override;
  [[nodiscard]] torch::Tensor scores(const torch::Tensor& outputs) const override { return -outputs; }
  [[nodiscard]] std::string onnx(const std::map<std::string, std::string>& metadata, float sharpness) const override;

 private:
  torch::Tensor weight1_, bias1_, scale2_, bias2_, weight3_, bias3_, scale4_, bias4_, weight5_, bias5_, weight6_,
      bias6_;
  torch::Tensor links_;  // [16,6,1,1]
  torch::Tensor codes_;  // [10,84], -1 paper, 1 ink
};

}  // namespace inkfield::training
