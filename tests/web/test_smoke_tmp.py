def test_x(matrix, foreign_matrix, editor, reviewer, viewer, ex_member, sign_in):
    c = sign_in(editor)
    assert c.get("/account/login/").status_code in (200, 302, 500, 404)
