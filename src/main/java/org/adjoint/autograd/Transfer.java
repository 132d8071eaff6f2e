package org.adjoint.autograd;

/**
 * An operation of one input that computes nothing: its output has the same elements on another
 * device.
 */
public interface Transfer extends Op {}
