package org.bybert.udf.sql.plan;

import java.io.Serializable;
import java.util.List;
import scala.Product;

/** What Scala derives for the nodes of a plan, which are case classes: these name only what they are made of. */
interface CaseClass extends Product, Serializable {

    List<Object> parts();

    @Override
    default int productArity() {
        return parts().size();
    }

    @Override
    default Object productElement(int n) {
        return parts().get(n);
    }

    @Override
    default boolean canEqual(Object other) {
        return other.getClass() == getClass();
    }
}
