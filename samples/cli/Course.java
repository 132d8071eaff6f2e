package org.adjoint.samples.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.adjoint.samples.Activations;
import org.adjoint.samples.Approximation;
import org.adjoint.samples.AttentionByHand;
import org.adjoint.samples.Autoencoders;
import org.adjoint.samples.Autograd;
import org.adjoint.samples.CharRnn;
import org.adjoint.samples.ComputationalGraph;
import org.adjoint.samples.Convolution;
import org.adjoint.samples.Imperative;
import org.adjoint.samples.Interpolation;
import org.adjoint.samples.LeNet;
import org.adjoint.samples.LeNet5;
import org.adjoint.samples.LearningRate;
import org.adjoint.samples.LinearRegression;
import org.adjoint.samples.Losses;
import org.adjoint.samples.LstmByHand;
import org.adjoint.samples.OwnKernel;
import org.adjoint.samples.Perceptron;
import org.adjoint.samples.Quadratic;
import org.adjoint.samples.QuadraticModel;
import org.adjoint.samples.SequentialModel;
import org.adjoint.samples.SlidingWindow;
import org.adjoint.samples.StochasticDescent;
import org.adjoint.samples.TopFifteen;
import org.adjoint.samples.TwoLayerTanh;
import org.adjoint.samples.Xor;
import picocli.CommandLine.Model.CommandSpec;

/** The samples, in the order in which a course takes them. */
public final class Course {
  /**
   * One sample: the number of its folder, and the class that runs it, which has a constructor
   * without parameters and a {@code @Command} with its name and a description of one line.
   */
  public record Sample(int number, Class<? extends Callable<Integer>> command) {
    /** The name that {@code adjoint run} takes. */
    public String name() {
      return CommandSpec.forAnnotatedObject(command).name();
    }

    /** What it shows: the first line of its description. */
    public String description() {
      return CommandSpec.forAnnotatedObject(command).usageMessage().description()[0];
    }
  }

  /** A new sample is one line here. */
  public static final List<Sample> SAMPLES =
      List.of(
          new Sample(1, LinearRegression.class),
          new Sample(2, ComputationalGraph.class),
          new Sample(3, Quadratic.class),
          new Sample(4, Autograd.class),
          new Sample(5, TwoLayerTanh.class),
          new Sample(6, SequentialModel.class),
          new Sample(7, Convolution.class),
          new Sample(8, LeNet.class),
          new Sample(9, Perceptron.class),
          new Sample(10, Xor.class),
          new Sample(11, Approximation.class),
          new Sample(12, Activations.class),
          new Sample(13, Losses.class),
          new Sample(14, QuadraticModel.class),
          new Sample(15, LearningRate.class),
          new Sample(16, StochasticDescent.class),
          new Sample(17, SlidingWindow.class),
          new Sample(18, Imperative.class),
          new Sample(19, TopFifteen.class),
          new Sample(20, LstmByHand.class),
          new Sample(21, AttentionByHand.class),
          new Sample(22, CharRnn.class),
          new Sample(23, LeNet5.class),
          new Sample(24, Autoencoders.class),
          new Sample(25, Interpolation.class),
          new Sample(26, OwnKernel.class));

  private Course() {}
}
