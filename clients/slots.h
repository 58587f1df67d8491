/* Reads an attribute that its class keeps in a slot from where it stands (ADR 84).
 *
 * Cython looks each attribute's name up in the object's class, each time: a third of what the rules took. Here
 * every place of the source remembers where the last object's class kept it. CPython gives a class another
 * version tag as soon as anything about it changes, so a remembered place is never a wrong one; whatever is
 * not a plain slot, or not set, is read as before.
 */
#if defined(__GNUC__) && PY_VERSION_HEX >= 0x030B0000 && !defined(PYPY_VERSION) && !defined(Py_GIL_DISABLED)
#include <structmember.h>

typedef struct {
    PyTypeObject *type;
    unsigned int version;
    Py_ssize_t offset;
    int looked_up;
} RememberedSlot;

/* A place that reads attributes of several classes, or methods, is not worth remembering. */
#define LOOKED_UP_AT_MOST 8

__attribute__((unused)) static PyObject *read_and_remember(PyObject *of, PyObject *name, RememberedSlot *slot) {
    PyTypeObject *type = Py_TYPE(of);
    if (slot->looked_up < LOOKED_UP_AT_MOST && type->tp_getattro == PyObject_GenericGetAttr) {
        PyObject *found = _PyType_Lookup(type, name);
        slot->looked_up++;
        if (found != NULL && Py_IS_TYPE(found, &PyMemberDescr_Type) && type->tp_version_tag != 0) {
            PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
            if (member->type == T_OBJECT_EX) {
                slot->type = type;
                slot->version = type->tp_version_tag;
                slot->offset = member->offset;
            }
        }
    }
    return __Pyx_PyObject_GetAttrStr(of, name);
}

#define __Pyx_PyObject_GetAttrStr(object, name) ({ \
    static RememberedSlot slot_; \
    PyObject *of_ = (object), *value_ = NULL; \
    if (Py_TYPE(of_) == slot_.type && Py_TYPE(of_)->tp_version_tag == slot_.version) \
        value_ = *(PyObject **)((char *)of_ + slot_.offset); \
    value_ != NULL ? Py_NewRef(value_) : read_and_remember(of_, (name), &slot_); })
#endif
