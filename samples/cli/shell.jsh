import org.adjoint.*
import org.adjoint.nn.*
import org.adjoint.op.*
import org.adjoint.optim.*
