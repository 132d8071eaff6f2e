import org.adjoint.*
import org.adjoint.nn.*
import org.adjoint.optim.*
